"""M/M/50 in SimPy: a resource with 50 places, a process for each customer."""

import random
import sys
import time

import simpy

customers = int(sys.argv[1])
draw = random.Random(1)
waits = []


def customer(env, workers):
    came = env.now
    with workers.request() as place:
        yield place
        waits.append(env.now - came)
        yield env.timeout(draw.expovariate(1.0))


def source(env, workers):
    for _ in range(customers):
        yield env.timeout(draw.expovariate(40.0))
        env.process(customer(env, workers))


start = time.process_time()
env = simpy.Environment()
env.process(source(env, simpy.Resource(env, 50)))
env.run()
waits.sort()
mean = sum(waits) / len(waits)
p99 = waits[-(-len(waits) * 99 // 100) - 1]
print(f"simpy {simpy.__version__}", (time.process_time() - start) * 1e9 / customers, mean, p99, sep="\t")

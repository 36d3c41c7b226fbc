"""M/M/50 in Ciw: one node with 50 servers."""

import sys
import time

import ciw

customers = int(sys.argv[1])
ciw.seed(1)
start = time.process_time()
network = ciw.create_network(
    arrival_distributions=[ciw.dists.Exponential(rate=40.0)],
    service_distributions=[ciw.dists.Exponential(rate=1.0)],
    number_of_servers=[50],
)
simulation = ciw.Simulation(network)
simulation.simulate_until_max_customers(customers, method="Arrive")
waits = sorted(record.waiting_time for record in simulation.get_all_records())
mean = sum(waits) / len(waits)
p99 = waits[-(-len(waits) * 99 // 100) - 1]
print(f"ciw {ciw.__version__}", (time.process_time() - start) * 1e9 / customers, mean, p99, sep="\t")

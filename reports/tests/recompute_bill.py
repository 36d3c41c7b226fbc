#!/usr/bin/env python3
"""Recomputes the bill of a record from its ledger.csv and its price book (billing.json), and nothing of the program itself.

    overspill run scenarios/gallery/wordpress-hpa.yaml --out out/wp && python3 reports/tests/recompute_bill.py out/wp

Covers owned, subscribed and pay-as-you-go machines and instances by size; a line is rounded once, half up, to 12 decimals.
"""
import csv, json, math, sys
from collections import defaultdict
from fractions import Fraction as F

PER = {"s": 1, "min": 60, "h": 3600, "d": 86400, "month": 720 * 3600}

def price(text):  # "0.815397/h", "2*1/3/h" -> currency a second
    amount, per = text.rsplit("/", 1)
    amount, _, divisor = amount.partition("*1/")
    return F(amount) / F(divisor or 1) / PER[per]

def half_up(amount, places):
    return F(math.floor(amount * 10**places + F(1, 2)), 10**places)

folder = sys.argv[1]
book = json.load(open(f"{folder}/billing.json"))
tariff, end = book["tariff"], F(book["terms"]["calendar"]["end"], 10**9)
lines = defaultdict(F)
for row in csv.DictReader(open(f"{folder}/ledger.csv")):
    vcpu, gib = F(row["cpu_milli"]) / 1000, F(math.ceil(F(row["memory_bytes"]) / 2**20), 1024)
    begin, stop = row["started"], F(row["stopped"]) if row["stopped"] else end
    if row["kind"] == "machine":
        rules, used = tariff["machines"], stop - F(begin)
        if row["price"]:
            rate = price(row["price"])
        elif row["purchase"] == "owned":
            rate = price(tariff["owned"]["vcpu"]) * vcpu + price(tariff["owned"]["gib"]) * gib
        else:
            rate = price(tariff["types"][row["instance_type"]]["price"])
            if row["purchase"] == "subscription":
                rate *= F(tariff["subscription"]["pay_hours"], tariff["subscription"]["month_hours"])
        least = next((F(ns, 10**9) for milli, ns in rules["minimum"] if vcpu * 1000 <= milli), F(0))
        step, cents = F(rules["granularity"], 10**9), False
        if row["purchase"] != "pay-as-you-go":
            least, step = F(0), F(0)
    elif row["kind"] == "instance":
        seller = tariff["providers"][row["provider"]]
        begin = {"Scheduled": row["requested"], "Created": row["started"], "Ready": row["ready"]}[seller["billing"]["start"]]
        if not begin:
            continue
        used, cents = stop - F(begin), seller["billing"]["sub_cent"]
        rate = price(seller["price"]["vcpu"]) * vcpu + price(seller["price"]["gib"]) * gib
        least, step = F(seller["billing"]["minimum"], 10**9), F(seller["billing"]["granularity"], 10**9)
    else:
        continue
    billed = max(used, least)
    fee = rate * (math.ceil(billed / step) * step if step else billed)
    lines[row["tier"], row["item"], row["purchase"], row["price"]] += half_up(fee, 2) if cents and half_up(fee, 12) < F(1, 100) else fee
total = sum(half_up(amount, 12) for amount in lines.values())
billed = F(json.load(open(f"{folder}/summary.json"))["cost"]["total"])
print(f"recomputed {float(total):.12f}  billed {float(billed):.12f}  {'equal' if total == billed else 'DIFFERENT'}")
sys.exit(total != billed)

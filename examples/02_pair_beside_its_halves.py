"""Does the pair help? FeCoN6 beside FeN4 and CoN4, on the packaged energies.

python examples/02_pair_beside_its_halves.py [curves.png]
"""

import sys

import matplotlib

matplotlib.use("Agg")

from adatom import from_package, load_electrolyte, load_network, parse_site, predict_curves

orr = load_network("ORR")
sites = [
    from_package(parse_site(site), orr, corrections=["plane-waves"])
    for site in ("FeN4@graphene", "CoN4@graphene", "FeCoN6@graphene")
]
prediction = predict_curves(sites, network=orr, electrolyte=load_electrolyte("0.1 M KOH"))
for r in prediction.results:
    low, high = r.limiting_interval_V
    print(
        f"{r.site:18s} U_L = {r.limiting.limiting_potential_V_rhe:5.2f} V"
        f" (95 %: {low:.2f} to {high:.2f}), limited by {r.limiting.determining_step}"
    )
path = sys.argv[1] if len(sys.argv) > 1 else "curves.png"
prediction.plot().figure.savefig(path, dpi=150, bbox_inches="tight")
print(f"written: {path}")

"""From a sample file to shares in single atoms, pairs, clusters and particles.

python examples/06_joint_evidence.py
"""

from pathlib import Path

from adatom.evidence.sample_file import example_file
from adatom.evidence.shares import joint_shares

sample = Path("sample.toml")
sample.write_text(example_file())
found = joint_shares(sample)
for kind, figure in found.shares.items():
    print(f"share_{kind}: {figure.text(2)}")
for contradiction in found.contradictions:
    print(f"! {contradiction.sentence}")
print(f"next: {found.next_measurements[0].name}")
found.plot().figure.savefig("shares.png")

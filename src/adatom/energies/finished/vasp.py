"""Settings of a VASP calculation from its tags, wherever those were read.

Tags that are absent have the defaults of the VASP manual (ISPIN 1, LDAU, LHFCALC and LSOL false,
IVDW 0, NELM 60); what would come from the POTCAR stays unknown.
"""

import re
from collections.abc import Mapping, Sequence
from math import ceil

from adatom.energies.settings import PLANE_WAVES, CalculationSettings

NELM_DEFAULT = 60
_FUNCTIONALS = {
    "PE": "PBE", "91": "PW91", "PS": "PBEsol", "RP": "RPBE", "RE": "revPBE", "CA": "LDA",
    "PZ": "LDA", "BF": "BEEF", "MK": "optB86b", "BO": "optB88", "OR": "optPBE", "ML": "PW86R",
    "AM": "AM05",
}  # fmt: skip
_DISPERSION = {
    0: "none", 1: "D2", 10: "D2", 11: "D3(zero)", 12: "D3(BJ)", 13: "D4", 2: "TS", 20: "TS",
    21: "TS/HI", 202: "MBD@rsSCS", 263: "MBD@rsSCS/FI", 3: "ULG", 4: "dDsC",
}  # fmt: skip
_SMEARING = {-5: "tetrahedron (Bloechl)", -4: "tetrahedron", -1: "Fermi", 0: "Gaussian"}
_SHELLS = "spdf"
_ABSENT = {"", "--", "-", "F", "NONE"}


def potcar_exchange(title: str) -> str:
    """GGA tag of a pseudopotential named ``PAW_PBE Fe ...``, ``PAW_GGA`` or ``PAW`` (LDA)."""
    kind = title.split(maxsplit=1)[0] if title.split() else ""
    return {"PAW_PBE": "PE", "PAW_GGA": "91", "PAW_LDA": "CA", "PAW": "CA"}.get(kind, "")


def is_true(text: str) -> bool:
    """Whether a logical tag (T, .TRUE., F ...) is set."""
    return text.strip().strip(".").upper().startswith("T")


def numbers(text: str) -> list[float]:
    """Numbers of a tag; ``3*0.5`` stands for three."""
    values: list[float] = []
    for word in text.split():
        count, _, value = word.rpartition("*")
        values += [float(value)] * (int(count) if count else 1)
    return values


def vasp_settings(
    tags: Mapping[str, str],
    *,
    species: Sequence[str],
    pseudopotentials: Sequence[str] = (),
    exchange: str = "",
    kpoints: tuple[int, int, int] | None = None,
    kpoints_gamma: bool | None = None,
    charge_e: float | None = None,
    all_tags: bool = True,
) -> CalculationSettings:
    """Settings from upper-case tags.

    ``species`` are the elements in the order of the POTCAR, ``pseudopotentials`` their names,
    ``exchange`` the POTCAR's LEXCH, which holds where no GGA tag does. Without ``all_tags`` of
    the input, what VASP does not print (an implicit solvent) is unknown rather than off. Raises
    :class:`ValueError` when a tag cannot be read.
    """
    cutoff = tags.get("ENCUT") or tags.get("ENMAX")
    u_eV, scheme = _hubbard(tags, species)
    titles: dict[str, str] = {}
    for element, title in zip(species, pseudopotentials, strict=False):
        titles[element] = title.strip()
    return CalculationSettings(
        code="VASP",
        functional=_functional(tags, exchange),
        hubbard_u_eV=u_eV,
        hubbard_scheme=scheme,
        cutoff_eV=float(cutoff.split()[0]) if cutoff else None,
        basis=PLANE_WAVES,
        kpoints=kpoints,
        kpoints_gamma=kpoints_gamma,
        spin_polarised=_spin(tags),
        dispersion=_dispersion(tags),
        smearing=_smearing(tags),
        pseudopotentials=titles or None,
        charge_e=charge_e,
        solvation=_solvation(tags, all_tags),
        dipole_correction=_dipole(tags),
    )


def _functional(tags: Mapping[str, str], exchange: str) -> str | None:
    meta = tags.get("METAGGA", "").strip().upper()
    gga = tags.get("GGA", "").strip().upper()
    short = exchange.strip().upper() if gga in _ABSENT else gga
    name = _FUNCTIONALS.get(short, short or None)
    if meta not in _ABSENT:
        # VASP 5 prints T, not which.
        name = {"R2SCA": "R2SCAN", "T": "meta-GGA"}.get(meta, meta)
    if is_true(tags.get("LHFCALC", "F")):
        share = tags.get("AEXX", "0.25").split()[0]
        screening = (tags.get("HFSCREEN", "0").split() or ["0"])[0]
        hybrid = f"hybrid AEXX {float(share):g} HFSCREEN {float(screening):g}"
        return f"{name} {hybrid}" if name else hybrid
    return name


def _hubbard(tags: Mapping[str, str], species: Sequence[str]) -> tuple[dict[str, float], str]:
    u_eV = dict.fromkeys(species, 0.0)
    if not is_true(tags.get("LDAU", "F")):
        return u_eV, ""
    kind = int(numbers(tags.get("LDAUTYPE", "2"))[0])
    shells = [int(v) for v in numbers(tags.get("LDAUL", ""))]
    u = numbers(tags.get("LDAUU", ""))
    j = numbers(tags.get("LDAUJ", "")) or [0.0] * len(u)
    if not len(shells) == len(u) == len(j) == len(species):
        raise ValueError(
            f"LDAUL, LDAUU and LDAUJ must have one value for each of {', '.join(species)}"
        )
    corrected = []
    for element, shell, plus, minus in zip(species, shells, u, j, strict=True):
        if shell >= 0 and (plus or minus):
            u_eV[element] = plus - minus
            # Beyond Dudarev's form U and J count apart.
            apart = "" if kind == 2 else f" U {plus:g} J {minus:g}"
            corrected.append(f"{element} {_SHELLS[shell]}{apart}")
    name = {1: "Liechtenstein", 2: "Dudarev", 4: "Liechtenstein, no exchange splitting"}
    scheme = name.get(kind, f"LDAUTYPE {kind}")
    return u_eV, f"{scheme}: {', '.join(sorted(set(corrected)))}" if corrected else ""


def _spin(tags: Mapping[str, str]) -> bool:
    if is_true(tags.get("LNONCOLLINEAR", "F")) or is_true(tags.get("LSORBIT", "F")):
        return True
    return int(float(tags.get("ISPIN", "1").split()[0])) == 2


def _dispersion(tags: Mapping[str, str]) -> str:
    if is_true(tags.get("LUSE_VDW", "F")):
        return "nonlocal (vdW-DF)"
    text = tags.get("IVDW", "0").split()[0]
    # An old OUTCAR says LVDW or VDW parameters; IVDW stands beside them.
    kind = int(float(text)) if text else 0
    if kind == 0 and is_true(tags.get("LVDW", "F")):
        kind = 1
    return _DISPERSION.get(kind, f"IVDW {kind}")


def _solvation(tags: Mapping[str, str], all_tags: bool) -> str | None:
    if is_true(tags.get("LSOL", "F")):
        return "VASPsol"
    return "none" if all_tags or "LSOL" in tags else None


def _smearing(tags: Mapping[str, str]) -> str:
    kind = int(float(tags.get("ISMEAR", "1").split()[0]))
    name = _SMEARING.get(kind, f"Methfessel-Paxton {kind}")
    return f"{name} {float(tags.get('SIGMA', '0.2').split()[0]):g} eV"


def _dipole(tags: Mapping[str, str]) -> str:
    if not is_true(tags.get("LDIPOL", "F")) and int(float(tags.get("IDIPOL", "0").split()[0])) == 0:
        return "none"
    direction = int(float(tags.get("IDIPOL", "0").split()[0]))
    return {1: "x", 2: "y", 3: "z", 4: "all directions"}.get(direction, "on")


def parse_incar(text: str) -> dict[str, str]:
    """Tags of an INCAR, upper case; comments after # or ! are dropped, ``;`` separates tags."""
    joined = re.sub(r"\\\s*\n", " ", text)
    tags = {}
    for line in joined.splitlines():
        for part in re.split(r"[#!]", line)[0].split(";"):
            name, equals, value = part.partition("=")
            if equals:
                tags[name.strip().upper()] = value.strip()
    return tags


def parse_kpoints(text: str) -> tuple[tuple[int, int, int], bool] | None:
    """Divisions and whether Gamma is on the mesh, from a KPOINTS file; None for other lists."""
    lines = [line.split("!")[0].strip() for line in text.splitlines()]
    if len(lines) < 4:
        return None
    try:
        count = int(lines[1].split()[0])
        if count > 0:  # a list: known only where it is the zone centre alone
            alone = count == 1 and not any(float(v) for v in lines[3].split()[:3])
            return ((1, 1, 1), True) if alone else None
        n1, n2, n3 = (int(v) for v in lines[3].split()[:3])
        shift = [float(v) for v in lines[4].split()[:3]] if len(lines) > 4 and lines[4] else []
    except (ValueError, IndexError):
        return None
    centred = lines[2][:1].upper() == "G"
    if lines[2][:1].upper() not in "GM" or any(shift):
        return None
    # Monkhorst and Pack's mesh holds Gamma where every division is odd.
    return (n1, n2, n3), centred or all(n % 2 for n in (n1, n2, n3))


def kpoints_from_spacing(
    spacing_per_A: float, reciprocal_lengths_per_A: Sequence[float]
) -> tuple[int, int, int]:
    """Divisions that KSPACING makes of reciprocal vectors (lengths with 2 pi, 1/angstrom)."""
    n1, n2, n3 = (max(1, ceil(b / spacing_per_A)) for b in reciprocal_lengths_per_A)
    return n1, n2, n3

import pytest

from adatom.errors import NetworkError
from adatom.reactions import load_network, parse_mechanism, restricted
from adatom.reactions.mechanism_file import shipped_mechanisms
from adatom.species import parse_species

HER = """
name = "own"
overall = "2 H+ + 2 e- -> H2"
potential_window_V_rhe = [-0.5, 0.0]
[[step]]
name = "Volmer"
equation = "* + H+ + e- -> *H"
[[step]]
name = "Heyrovsky"
equation = "*H + H+ + e- -> * + H2"
[[path]]
name = "both"
equation = "2 H+ + 2 e- -> H2"
steps = ["Volmer", "Heyrovsky"]
"""


def test_shipped_mechanisms_load_and_balance():
    assert set(shipped_mechanisms()) >= {"HER", "ORR", "OER"}
    for name in shipped_mechanisms():
        network = load_network(name)
        assert network.states[0] == "*"
        assert network.electrons != 0


def test_the_orr_network_has_both_products():
    orr = load_network("ORR")
    assert [path.electrons for path in orr.paths] == [4, 2]
    assert orr.required == ("*OOH", "*O", "*OH")
    assert orr.transported == ("O2", "H2O2")


def test_tafel_branch_closes_without_its_state():
    her = load_network("HER")
    assert {"Tafel", "second Volmer"} <= {s.name for s in her.steps}
    single = restricted(her, {"*H"})
    assert [s.name for s in single.steps] == ["Volmer", "Heyrovsky"]
    assert single.states == ("*", "*H")


def test_a_users_network_is_read_from_a_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(HER)
    assert load_network(path).name == "own"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("* + H+ + e- -> *H", "* + e- -> *H", ["step 'Volmer'", "H (+1", "charge (+1"]),
        ("* + H+ + e- -> *H", "* + H+ -> *H", ["step 'Volmer'", "charge (-1"]),
        ("* + H+ + e- -> *H", "H+ + e- -> H2", ["step 'Volmer'", "H (+1"]),
        ("*H + H+ + e- -> * + H2", "*H + H+ + e- -> H2", ["'Heyrovsky'", "1 before and 0 after"]),
        ("*H + H+ + e- -> * + H2", "*H + H+ + e- => * + H2", ["'Heyrovsky'", "'->'"]),
        ('["Volmer", "Heyrovsky"]', '["Volmer"]', ["path 'both'", "do not add up"]),
        ('["Volmer", "Heyrovsky"]', '["Volmer", "Tafel"]', ["no step 'Tafel'"]),
        ('name = "Heyrovsky"', 'name = "Volmer"', ["'Volmer' is given twice"]),
        ('name = "Volmer"\n', 'name = "Volmer"\nbarier_eV = 1\n', ["unknown key 'barier_eV'"]),
        ("[[path]]", "[[pth]]", ["unknown key 'pth'"]),
        ('name = "own"', "name = ", ["not a TOML file"]),
        ('name = "own"', "name = 3", ["'name' must be a text"]),
        ('["Volmer", "Heyrovsky"]', '["Heyrovsky", "Volmer"]', ["starts at '*H', not '*'"]),
        ('["Volmer", "Heyrovsky"]', "3", ["list of names"]),
        ('name = "Volmer"\n', 'name = "Volmer"\nbarrier_eV = nan\n', ["'barrier_eV'", "nan"]),
        ('name = "Volmer"\n', 'name = "Volmer"\nbarrier_eV = "high"\n', ["'barrier_eV'", "high"]),
        ("WINDOW", "potential_window_V_rhe = 5", ["[low, high]"]),
        ("WINDOW", "potential_window_V_rhe = [0.0, -0.6]", ["must rise"]),
        ("WINDOW", 'potential_window_V_rhe = ["a", 1]', ["must be a number"]),
        ("overall =", 'byproduct = "H2"\noverall =', ["must be transported"]),
        ("overall =", 'optional = ["*H"]\noverall =', ["first path needs '*H'"]),
        ("overall =", 'optional = ["*N"]\noverall =', ["'*N' is in no step"]),
    ],
)
def test_a_mistake_names_the_step_and_what_is_wrong(old, new, words):
    old = next(line for line in HER.splitlines() if "window" in line) if old == "WINDOW" else old
    assert old in HER
    with pytest.raises(NetworkError) as caught:
        parse_mechanism(HER.replace(old, new), where="own.toml")
    message = str(caught.value)
    assert "own.toml" in message
    for word in words:
        assert word in message


def test_an_unconnected_state_is_named():
    text = HER.replace(
        "[[path]]", '[[step]]\nname = "x"\nequation = "*O + H+ + e- -> *OH"\n[[path]]'
    )
    with pytest.raises(NetworkError, match=r"'\*O' is not connected"):
        parse_mechanism(text, where="own.toml")


def test_species_composition():
    assert parse_species("*OOH").atoms == (("H", 1), ("O", 2))
    assert parse_species("H+").charge == 1
    assert parse_species("*H*H").atoms == (("H", 2),)
    assert parse_species("*").on_site

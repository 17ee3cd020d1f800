"""The verifier that knows nothing of Veloc, against ledgers made by Veloc's rules."""

import json
import random
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odoo.addons.veloc_compliance.rules import (
    ledger_entry,
    ledger_head,
    ledger_person,
    merkle,
)

from tools import verify_ledger

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
START = datetime(2026, 3, 11, 15, 0)
SIZES = (3, 300, 301, 700)


def entry(number):
    return ledger_entry.Entry(
        id=number * 2 + 10,  # numbers of rolled back entries are gone
        at=START + timedelta(seconds=number),
        kind="write",
        user_id=2,
        model="res.partner",
        res_id=number % 7,
        subject_id=number % 7 or None,
        public='{"fields":["phone"],"told":"É"}',
        secret=f"k1:{number}" if number % 3 else None,
    )


ENTRIES = [entry(number) for number in range(max(SIZES))]
LEAVES = [ledger_entry.leaf_hash(e) for e in ENTRIES]


def head_of(size, key=KEY):
    tree = merkle.Builder()
    tree.extend(LEAVES[:size])
    last = ENTRIES[size - 1].id
    return ledger_head.sign(key, "log", size, tree.root(), START, last)


HEADS = [head_of(size) for size in SIZES]


def whole_ledger():
    """Return the lines of an exported ledger: heads, then entries in order."""
    lines = [json.dumps({"head": vars(head)}) for head in HEADS]
    for position, (leaf, one) in enumerate(zip(LEAVES, ENTRIES, strict=True)):
        data = ledger_entry.canonical(one).decode()
        lines.append(f'[{position},"{leaf.hex()}",{data}]')
    return lines


@pytest.fixture
def run(tmp_path, capsys):
    """Return a function that writes lines and runs the program on them."""

    def check(lines, *options, anchors=()):
        path = tmp_path / "ledger.jsonl"
        path.write_text("\n".join(lines) + "\n")
        arguments = [str(path), *options]
        if anchors:
            anchor = tmp_path / "anchors.txt"
            anchor.write_text("".join(f"> {head.line()}\n" for head in anchors))
            arguments += ["--anchor", str(anchor)]
        code = verify_ledger.main(arguments)
        return code, capsys.readouterr().out

    return check


def test_an_honest_ledger_is_sound(run):
    code, out = run(whole_ledger(), "--public-key", HEADS[0].public_key, anchors=HEADS)
    assert (code, out) == (0, "SOUND: 700 entries, 4 heads\n")


def test_a_changed_entry_is_named(run):
    lines = whole_ledger()
    lines[4 + 50] = lines[4 + 50].replace("res.partner", "res.users")
    code, out = run(lines)
    assert code == 1
    assert f"entry {ENTRIES[50].id} was changed" in out


def test_a_deleted_entry_is_named(run):
    lines = whole_ledger()
    gone = {"missing": ENTRIES[50].id, "position": 50, "leaf": LEAVES[50].hex()}
    lines[4 + 50] = json.dumps(gone)
    code, out = run(lines)
    assert code == 1
    assert f"entry {ENTRIES[50].id} was deleted" in out


def test_an_entry_replaced_with_its_leaf_is_narrowed_to_its_seal(run):
    lines = whole_ledger()
    other = ENTRIES[300]._replace(user_id=9)
    data = ledger_entry.canonical(other).decode()
    lines[4 + 300] = f'[300,"{ledger_entry.leaf_hash(other).hex()}",{data}]'
    code, out = run(lines)
    assert code == 1
    assert f"among the entries {other.id} to {other.id}, sealed at" in out


def test_a_leaf_that_was_taken_out_is_found_with_its_place(run):
    lines = whole_ledger()
    del lines[4 + 50]
    code, out = run(lines)
    assert code == 1
    assert f"leaves 50 to 50 were removed, before entry {ENTRIES[51].id}" in out


def test_a_cut_tail_is_found(run):
    code, out = run(whole_ledger()[:-10])
    assert code == 1
    assert f"up to entry {ENTRIES[-1].id}, there are 690" in out


def test_a_roll_back_is_found_only_against_an_anchor(run):
    cut = whole_ledger()[:3] + whole_ledger()[4 : 4 + 301]
    assert run(cut)[0] == 0
    code, out = run(cut, anchors=[HEADS[-1]])
    assert code == 1
    assert f"rolled back: an anchor of {HEADS[-1].sealed_at} knows 700" in out


def test_a_rewritten_history_is_found_against_an_anchor(run):
    kept = ledger_head.sign(KEY, "log", 301, b"x" * 32, START, ENTRIES[300].id)
    code, out = run(whole_ledger(), anchors=[kept])
    assert code == 1
    assert "history was rewritten: the first 301 entries" in out


def test_another_key_is_found_if_the_right_one_is_known(run):
    thief = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
    lines = whole_ledger()
    lines[3] = json.dumps({"head": vars(head_of(700, thief))})
    assert run(lines)[0] == 0
    code, out = run(lines, "--public-key", HEADS[0].public_key)
    assert code == 1
    assert "the head of 700 entries is not signed" in out


@pytest.mark.parametrize("seed", range(30))
def test_no_flipped_character_of_any_entry_passes(run, seed):
    chance = random.Random(seed)
    lines = whole_ledger()
    number = chance.randrange(4, len(lines))
    text = lines[number]
    place = chance.randrange(text.index('",') + 2, len(text) - 1)
    other = chance.choice([c for c in "0aZ9" if c != text[place]])
    lines[number] = text[:place] + other + text[place + 1 :]
    assert run(lines)[0] in (1, 2)


def person(numbers, head=HEADS[-1]):
    nodes = {(0, n): leaf for n, leaf in enumerate(LEAVES)}
    nodes |= {(a, b): c for a, b, c in merkle.Builder().extend(LEAVES)}
    proofs = {
        n: [
            merkle.range_root(*place, lambda *key: nodes[key])
            for place in merkle.inclusion_places(n, head.size)
        ]
        for n in numbers
    }
    rows = [(n, ENTRIES[n]) for n in numbers]
    return ledger_person.prepare_file(head, rows, proofs, {ENTRIES[1].id: '{"a":1}'})


def test_one_persons_entries_are_proved_offline(run):
    text = person([1, 8, 699])
    assert json.loads(text)["entries"][0]["opened"] == {"a": 1}
    code, out = run([text], "--public-key", HEADS[0].public_key, anchors=HEADS)
    assert (code, out) == (0, "SOUND: 3 entries of one person\n")


def test_a_changed_word_in_a_persons_file_is_named(run):
    code, out = run([person([1, 8]).replace("res.partner", "res.users", 1)])
    assert (code, f"entry {ENTRIES[1].id} is not proved" in out) == (1, True)


def test_a_persons_file_without_a_valid_head_proves_nothing(run):
    forged = person([1]).replace('"size":700', '"size":701')
    assert run([forged])[0] == 1
    other = ledger_head.sign(KEY, "log", 700, b"x" * 32, START, 1)
    code, out = run([person([1])], anchors=[other])
    assert (code, "has another root" in out) == (1, True)


def test_what_is_no_ledger_is_refused_as_such(run, capsys):
    assert run(["nonsense, but, long"])[0] == 2
    assert verify_ledger.main(["/does/not/exist"]) == 2
    assert "cannot be read" in capsys.readouterr().err

"""The scale of proof: one pure function says by whom a line is proven, one what word the whole gets (formats v1)."""

from itertools import product

import pytest

from lme_operator.domain.exports.scale import (
    Author,
    Demand,
    Known,
    Overall,
    Proof,
    Topic,
    exit_code,
    overall,
    proof_of,
)

STRENGTH = (Proof.UNCHECKED, Proof.PROFESSIONAL, Proof.OFFICER, Proof.OPERATOR, Proof.DEVICE, Proof.THIRD_PARTY)
EVERY = [
    Known(trusted=trusted, witnessed=witnessed, author=author)
    for trusted, witnessed, author in product((False, True), (False, True), Author)
    if trusted or not witnessed
]
BEYOND = {Author.KEY_IN_HAND, Author.ENDORSED_KEY}
CODE = Known(trusted=True, witnessed=True, author=Author.CODE)
KEY = Known(trusted=True, witnessed=True, author=Author.REGISTERED_KEY)


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize("topic", Topic)
def test_what_is_not_sound_or_has_no_trust_file_is_proven_by_nobody(topic: Topic) -> None:
    for known, sound in product(EVERY, (True, None, False)):
        if sound is not True or not known.trusted:
            assert proof_of(topic, sound=sound, known=known) is Proof.UNCHECKED


@pytest.mark.norm("N-2.6c")
def test_a_witness_proves_the_log_and_no_author() -> None:
    """Everything that a witness makes stronger is about the log; who signed stays as it was."""
    for author in Author:
        alone = Known(trusted=True, witnessed=False, author=author)
        seen = Known(trusted=True, witnessed=True, author=author)
        stronger = {
            topic
            for topic in Topic
            if proof_of(topic, sound=True, known=alone) is not proof_of(topic, sound=True, known=seen)
        }
        assert stronger == {Topic.INTEGRITY, Topic.LOG, Topic.CHECKING}


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize(
    ("author", "signature", "whose"),
    [
        (Author.CODE, Proof.OPERATOR, Proof.OPERATOR),
        (Author.REGISTERED_KEY, Proof.DEVICE, Proof.OPERATOR),
        (Author.KEY_IN_HAND, Proof.DEVICE, Proof.DEVICE),
        (Author.ENDORSED_KEY, Proof.DEVICE, Proof.THIRD_PARTY),
    ],
)
def test_who_signed_is_proven_by_what_ties_the_key_to_its_owner(author: Author, signature: Proof, whose: Proof) -> None:
    known = Known(trusted=True, witnessed=False, author=author)
    assert proof_of(Topic.SIGNATURE, sound=True, known=known) is signature
    assert proof_of(Topic.AUTHOR, sound=True, known=known) is whose


@pytest.mark.norm("N-2.4b")
def test_what_officers_and_professionals_declare_is_said_to_be_theirs() -> None:
    for known in (CODE, KEY):
        assert proof_of(Topic.REQUIREMENTS, sound=True, known=known) is Proof.OFFICER
        assert proof_of(Topic.CERTIFICATION, sound=True, known=known) is Proof.PROFESSIONAL
        assert proof_of(Topic.VERSION, sound=True, known=known) is Proof.UNCHECKED


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize("topic", Topic)
def test_knowing_more_never_weakens_a_line(topic: Topic) -> None:
    for author in Author:
        told = [
            proof_of(topic, sound=True, known=Known(trusted=trusted, witnessed=seen, author=author))
            for trusted, seen in ((False, False), (True, False), (True, True))
        ]
        assert [STRENGTH.index(proof) for proof in told] == sorted(STRENGTH.index(proof) for proof in told)


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize("known", EVERY)
def test_the_word_is_the_worst_line_and_valid_only_beyond_the_operators_word(known: Known) -> None:
    assert overall(soundness=frozenset({True, None, False}), known=known) is Overall.INVALID
    assert overall(soundness=frozenset({True, None}), known=known) is Overall.INDETERMINATE
    valid = known.witnessed and known.author in BEYOND
    assert overall(soundness=frozenset({True}), known=known) is (Overall.VALID if valid else Overall.BY_OPERATOR)


SEEN = Known(trusted=True, witnessed=True, author=Author.CODE)
ALONE = Known(trusted=True, witnessed=False, author=Author.KEY_IN_HAND)


@pytest.mark.norm("N-2.4b")
@pytest.mark.parametrize(
    ("word", "known", "codes"),
    [
        (Overall.VALID, Known(trusted=True, witnessed=True, author=Author.ENDORSED_KEY), (0, 0, 0)),
        (Overall.BY_OPERATOR, SEEN, (0, 0, 4)),
        (Overall.BY_OPERATOR, ALONE, (0, 4, 4)),
        (Overall.INDETERMINATE, SEEN, (3, 3, 3)),
        (Overall.INVALID, SEEN, (5, 5, 5)),
    ],
)
def test_what_is_demanded_chooses_the_exit_code_alone(word: Overall, known: Known, codes: tuple[int, int, int]) -> None:
    assert tuple(exit_code(word, known, demand) for demand in Demand) == codes

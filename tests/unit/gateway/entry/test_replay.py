"""What a session keeps: the newest messages, bounded in bytes, by their numbers and by what they answer."""

from hypothesis import given
from hypothesis import strategies as st

from cse.gateway.entry.replay import ReplayBuffer


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 100))
def test_the_newest_are_kept_within_the_bytes(sizes: list[int], limit: int) -> None:
    """Any messages, any bound: a row of numbers without gaps up to the last, never over the bound."""
    buffer = ReplayBuffer(limit)
    sent = []
    for number, size in enumerate(sizes, 1):
        sent.append(bytes([number]) * size)
        buffer.add(sent[-1], submit=number)
        kept = list(buffer.since(buffer.oldest))
        assert kept == sent[buffer.oldest - 1 :]
        assert sum(map(len, kept)) <= limit
        assert (size > limit) == (buffer.oldest > number)
        assert buffer.last == number
    for number in range(1, len(sizes) + 1):
        expected = sent[number - 1] if number >= buffer.oldest else None
        assert buffer.answer_to(number) == expected


def test_what_answers_nothing_is_no_answer() -> None:
    """Executions have numbers, too, but no Submit."""
    buffer = ReplayBuffer(100)
    buffer.add(b"executions", submit=0)
    assert buffer.answer_to(0) is None
    assert list(buffer.since(1)) == [b"executions"]

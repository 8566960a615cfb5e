"""What is under way, as the flow of all departments says it."""

from servicelane.flow import unsettled


def test_what_is_still_under_way_is_said() -> None:
    rest = {"unnumbered": 0, "waiting": 0, "dead_letters": 0, "timers_due": 0, "epoch": 1, "applied_epoch": {}}
    flow = {
        "reception": rest | {"newest": {"0": 3}, "published": {"0": 2}, "applied": {}},
        "workshop": rest | {"newest": {}, "published": {}, "applied": {"reception": {"0": 3}}, "waiting": 1},
    }
    assert unsettled(flow) == [
        "reception: partition 0 published to 2 of 3",
        "workshop: 1 waiting",
        "reception: applied reception 0 to 0 of 3",
    ]


def test_what_was_applied_of_an_earlier_epoch_counts_for_nothing_in_a_later_one() -> None:
    rest = {"unnumbered": 0, "waiting": 0, "dead_letters": 0, "timers_due": 0, "newest": {}, "published": {}, "epoch": 1}
    restored = rest | {"newest": {"0": 1}, "published": {"0": 1}, "epoch": 2, "applied": {}, "applied_epoch": {}}
    behind = {"applied": {"reception": {"0": 57}}, "applied_epoch": {"reception": {"0": 1}}}
    there = {"applied": {"reception": {"0": 1}}, "applied_epoch": {"reception": {"0": 2}}}
    assert unsettled({"reception": restored | there, "workshop": rest | behind}) == ["workshop: applied reception 0 to 0 of 1"]
    assert unsettled({"reception": restored | there, "workshop": rest | there}) == []


def test_a_look_in_which_a_reader_is_ahead_of_the_writer_shows_no_rest() -> None:
    rest = {"unnumbered": 0, "waiting": 0, "dead_letters": 0, "timers_due": 0, "epoch": 1, "applied_epoch": {}}
    asked_before = rest | {"newest": {"0": 1}, "published": {"0": 1}, "applied": {"reception": {"0": 1}}}
    asked_later = rest | {"newest": {}, "published": {}, "applied": {"reception": {"0": 2}}}
    assert unsettled({"reception": asked_before, "workshop": asked_later}) == ["workshop: applied reception 0 to 2 of 1"]

"""The service's answers: the documented ones, and hypothesis strategies for all the others."""

import json
from typing import Any

from hypothesis import strategies as st

DOCUMENTED: dict[str, Any] = {
    "state": "complete",
    "instruments": [
        {
            "name": "Drums",
            "notes": [
                {"pitch": 73, "start": "0.036458333333333336", "end": "0.18229166666666666", "velocity": 1},
                {"pitch": 61, "start": 0.046875, "end": "0.19270833333333334", "velocity": 1},
                {"pitch": 73, "start": 0.1875, "end": 0.4895833333333333, "velocity": 1},
            ],
        },
        {
            "name": "Electric Bass (finger)",
            "notes": [
                {"pitch": 44, "start": 7.6875, "end": "7.911458333333333", "velocity": 1},
                {"pitch": 56, "start": 7.6875, "end": "7.911458333333333", "velocity": 1},
                {"pitch": 51, "start": 7.6875, "end": "7.911458333333333", "velocity": 0.49606299212598426},
            ],
        },
    ],
}
"""Of the form that the service documents: numbers and strings mixed, times in 1/192 s."""


def body(instruments: Any) -> bytes:
    """A `midiData` with these instruments."""
    return json.dumps({"state": "complete", "instruments": instruments}).encode()


def note(pitch: Any = 60, start: Any = 0, end: Any = 1, velocity: Any = 0.5) -> dict[str, Any]:
    """One note as the service writes it."""
    return {"pitch": pitch, "start": start, "end": end, "velocity": velocity}


_coarse = st.integers(0, 12).map(lambda steps: steps / 8)
_fine = st.integers(0, 4000).map(lambda steps: steps / 1920)
_anywhen = st.floats(0, 22000, allow_nan=False)
_ugly: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        "nan",
        "inf",
        "1_0",
        "٣",
        "1e999",
        True,
        False,
        None,
        [],
        {},
        float("nan"),
        float("inf"),
        -1,
        30000,
        " 1 ",
    ]
)
seconds = st.one_of(_coarse, _coarse, _fine, _fine.map(str), _anywhen, _ugly)
pitches = st.one_of(
    st.integers(58, 62), st.integers(58, 62), st.integers(-3, 131), st.just("60"), st.just(60.5), _ugly
)
velocities = st.one_of(st.floats(0, 1), st.floats(-1, 200), st.integers(0, 127), st.just("0.5"), _ugly)
notes = st.one_of(
    st.builds(note, pitches, seconds, seconds, velocities),
    st.builds(note, st.integers(58, 62), _coarse, _coarse, st.floats(0, 1)),
    st.sampled_from([None, 5, [], "note", {}, {"pitch": 60}]),
)
instrument_names = st.one_of(
    st.sampled_from(
        ["Drums", "Percussion", "Electric Bass (finger)", "Flute", "Vocals", "Flöte 笛", "", "=1+1"]
    ),
    st.text(max_size=80),
)
instruments = st.lists(
    st.fixed_dictionaries({"name": instrument_names, "notes": st.lists(notes, max_size=25)}), max_size=8
)

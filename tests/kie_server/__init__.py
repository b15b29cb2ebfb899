"""A stand-in for kie.ai on real sockets, with the faults that a real service has.

    async with KieServer(hmac_key="secret") as kie:
        kie.break_next("generate_midi", Fault("lost"))
        ...                                     # a client at kie.url
        assert kie.count("generate_midi") == 1

As a process of its own: `python -m tests.kie_server --port 8099`, steered over `/_control/` (see `control.py`).
"""

from tests.kie_server.callbacks import CallbackPlan
from tests.kie_server.faults import Fault
from tests.kie_server.server import KieServer
from tests.kie_server.state import Received, Task, Track

__all__ = ["CallbackPlan", "Fault", "KieServer", "Received", "Task", "Track"]

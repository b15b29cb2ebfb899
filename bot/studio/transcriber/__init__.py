"""Audio in, notes out: the worker process behind the studio. Only `__main__` is started; nothing here is imported by the service."""

"""The event bus (cse.messages.bus), in process or over Redis."""

"""What runs as a process: engine, gateway, projector, all of them together, and the doctor."""

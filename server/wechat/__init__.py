"""WeChat's interface for mini programs, and a fake of it for tests and the demonstration."""

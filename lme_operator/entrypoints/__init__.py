"""Ways in: HTTP, jobs and the command line. Each translates in, calls one use case, translates out."""

"""What anybody may ask: the log's state and the check of a paper."""

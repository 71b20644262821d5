"""Looks inside what strangers upload, in a process that lives for one upload and can do nothing else.

`process.ProcessInspector` implements `identity.Inspector` and starts `looking`, which runs apart: an empty environment,
little memory and processor time, no new file, socket or process. This file imports nothing, so that it starts fast.
"""

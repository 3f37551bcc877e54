"""From a YAML file, the environment and flags to one frozen `Config`, or to a report of everything wrong.

`load` is the way in: it reads a `document` (values with their places), checks it against the `schema`
and reports what it found as `diagnostic`s, each with line, caret and a way out.
"""

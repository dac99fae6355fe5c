"""Holds answers of a daemon against its description.

    openapi.py DOCUMENT ANSWERS

DOCUMENT is OpenAPI 3.1. ANSWERS is a JSON list of objects: `route` (a path of the
document), `status`, `kind` (the media type) and `body`, of a
stream its first event. Members that the document
does not name are faults. Prints each fault; status 1 if there was one.
"""

import copy
import json
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator


def close(schema):
    """Forbids members that a schema does not name."""
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
        for value in schema.values():
            close(value)
    elif isinstance(schema, list):
        for value in schema:
            close(value)


def main(document, answers):
    with open(document, encoding="utf-8") as file:
        document = json.load(file)
    with open(answers, encoding="utf-8") as file:
        answers = json.load(file)
    faults = [f"the document: {e.message}" for e in OpenAPIV31SpecValidator(document).iter_errors()]
    components = copy.deepcopy(document["components"])
    close(components)
    validators = {}

    def validator(route, status, kind, event):
        responses = document["paths"][route]["get"]["responses"]
        response = responses.get(str(status))
        if response is None:
            return None
        if "$ref" in response:
            response = components["responses"][response["$ref"].rsplit("/", 1)[1]]
        form = response["content"].get(kind)
        if form is None:
            return None
        if event is not None:
            form = {"schema": form["x-events"][event]}
        # References are looked up in the schema that has them.
        schema = {**form["schema"], "components": components}
        return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    for answer in answers:
        route, status, kind = answer["route"], answer["status"], answer["kind"]
        body, event = answer["body"], None
        if kind == "application/json":
            body = json.loads(body)
        elif kind == "text/event-stream":
            lines = dict(line.split(": ", 1) for line in body.splitlines() if line)
            body, event = json.loads(lines["data"]), lines["event"]
        key = (route, status, kind, event)
        if key not in validators:
            validators[key] = validator(*key)
        if validators[key] is None:
            faults.append(f"{route}: {status} with {kind} is not described")
            continue
        for error in validators[key].iter_errors(body):
            place = "/".join(map(str, error.absolute_path))
            faults.append(f"{route} {status}: {place}: {error.message[:300]}")
    for fault in dict.fromkeys(faults):
        print(fault)
    print(f"{len(answers)} answers, {len(faults)} faults", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

# What a JSON Schema says of rule documents, for t/cli/schema.t.
#
#   python3 schema.py SCHEMA check FILE...     a line a document: FILE N ok|no WHY
#   python3 schema.py SCHEMA mutate DIR FILE...
#
# mutate writes each document once for each of its keys and values with that
# one spoilt, as DIR/NNNN.json, and says of each whether the schema takes it.
# Plain scalars are read as the rule language reads them: by JSON's grammar.

import copy
import json
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    pass


Loader.yaml_implicit_resolvers = {}

for tag, pattern, first in [
        ('null', r'^(?:~|null|)$', ['~', 'n', '']),
        ('bool', r'^(?:true|false)$', ['t', 'f']),
        ('int', r'^-?(?:0|[1-9][0-9]*)$', list('-0123456789')),
        ('float', r'^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$',
         list('-0123456789'))]:
    Loader.add_implicit_resolver('tag:yaml.org,2002:' + tag,
                                 re.compile(pattern), first)


def documents(path):
    with open(path, encoding='utf-8') as file:
        return [d for d in yaml.load_all(file, Loader) if d is not None]


def paths(value, path=()):
    if isinstance(value, dict):
        for key in value:
            yield path + (key,)
            yield from paths(value[key], path + (key,))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield path + (i,)
            yield from paths(item, path + (i,))


def holder(document, path):
    for step in path[:-1]:
        document = document[step]
    return document


def mutants(document):
    for path in paths(document):
        last = path[-1]
        if isinstance(last, str):
            d = copy.deepcopy(document)
            value = holder(d, path).pop(last)
            yield 'without', path, d
            d = copy.deepcopy(d)
            holder(d, path)[last + 'x'] = value
            yield 'misspelt', path, d
        for name, value in (('list', []), ('map', {'x': 1}), ('number', 7.5),
                            ('word', 'xyzzy')):
            d = copy.deepcopy(document)
            holder(d, path)[last] = value
            yield name, path, d


def verdict(validator, document):
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    return 'ok' if error is None else 'no ' + error.message.replace('\n', ' ')


with open(sys.argv[1], encoding='utf-8') as file:
    schema = json.load(file)

jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

if sys.argv[2] == 'check':
    for path in sys.argv[3:]:
        for n, document in enumerate(documents(path)):
            print(path, n + 1, verdict(validator, document))
else:
    count = 0
    for path in sys.argv[4:]:
        for document in documents(path):
            for how, where, mutant in mutants(document):
                count += 1
                name = '%s/%05d.json' % (sys.argv[3], count)
                with open(name, 'w', encoding='utf-8') as file:
                    json.dump(mutant, file)
                print('%05d.json' % count, how,
                      '.'.join(str(step) for step in where).replace(' ', '_'),
                      document.get('kind'), verdict(validator, mutant))

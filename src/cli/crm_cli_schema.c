/*
 * The command schema: the rule language as JSON Schema, for editors.
 *
 * Made of the rows that documents are checked with (crm_key.h), so that an
 * editor offers what validate takes. A schema says what a document may look
 * like; what its names refer to, only validate knows.
 */

#include "crm_cli.h"
#include "crm_cli_print.h"
#include "crm_cli_schema.h"
#include "rules/crm_kind.h"


#define SCHEMA_DRAFT  "http://json-schema.org/draft-07/schema#"
#define SCHEMA_KINDS  64


static json_t *schema_whole(crm_cli_schema_t *s);
static json_t *schema_of_kind(crm_cli_schema_t *s, const crm_kind_t *kind);
static void schema_kind(crm_cli_schema_t *s, const crm_kind_t *kind);
static const crm_kind_t *kind_find(const char *name);
static crm_cli_exit_t kind_unknown(const char *name);


crm_cli_exit_t
crm_cli_schema(crm_cli_t *cli)
{
    json_t            *whole;
    const char        *name;
    crm_cli_exit_t     rc;
    crm_cli_schema_t   s;
    const crm_kind_t  *kind;

    name = cli->opts.nargs > 1 ? cli->opts.args[1] : NULL;
    kind = name ? kind_find(name) : NULL;

    if (name && kind == NULL) {
        return kind_unknown(name);
    }

    s.definitions = json_object();
    s.failed = s.definitions == NULL;

    whole = kind ? schema_of_kind(&s, kind) : schema_whole(&s);

    crm_cli_schema_put(&s, whole, "definitions", json_incref(s.definitions));

    rc = !s.failed && crm_cli_print_json(whole, stdout) == 0
         ? CRM_CLI_OK : crm_cli_no_memory();

    json_decref(s.definitions);
    json_decref(whole);

    return rc;
}


/* Which kind it is decides what else may stand there. */
static json_t *
schema_whole(crm_cli_schema_t *s)
{
    size_t             i, count;
    json_t            *names, *branches, *whole;
    const crm_kind_t  *kinds;

    kinds = crm_kind_rows(&count);
    names = json_array();
    branches = json_array();

    for (i = 0; i < count; i++) {
        schema_kind(s, &kinds[i]);

        crm_cli_schema_append(s, names, json_string(kinds[i].name));
        crm_cli_schema_append(s, branches,
            json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:o}",
                      "if", "properties", "kind", "const", kinds[i].name,
                      "required", "kind",
                      "then", crm_cli_schema_ref(s, kinds[i].name)));
    }

    whole = json_pack("{s:s, s:s, s:s, s:[s], s:{s:{s:s, s:o}}, s:o}",
                      "$schema", SCHEMA_DRAFT,
                      "title", "a document of the rule language",
                      "type", "object",
                      "required", "kind",
                      "properties", "kind",
                      "description", "what this document is", "enum", names,
                      "allOf", branches);

    s->failed |= whole == NULL;

    return whole;
}


static json_t *
schema_of_kind(crm_cli_schema_t *s, const crm_kind_t *kind)
{
    json_t  *whole;

    schema_kind(s, kind);

    /* an allOf, since nothing counts that stands beside a $ref */

    whole = json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA_DRAFT,
                      "title", kind->name,
                      "allOf", crm_cli_schema_ref(s, kind->name));

    s->failed |= whole == NULL;

    return whole;
}


static void
schema_kind(crm_cli_schema_t *s, const crm_kind_t *kind)
{
    crm_cli_schema_put(s, s->definitions, kind->name,
                       crm_cli_schema_keys(s, kind->keys, kind->about,
                                           kind->name));
}


static const crm_kind_t *
kind_find(const char *name)
{
    size_t             i, count;
    const crm_kind_t  *kinds;

    kinds = crm_kind_rows(&count);

    for (i = 0; i < count; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }

    return NULL;
}


static crm_cli_exit_t
kind_unknown(const char *name)
{
    size_t             i, count;
    const char        *near, *names[SCHEMA_KINDS + 1];
    const crm_kind_t  *kinds;

    kinds = crm_kind_rows(&count);

    for (i = 0; i < count && i < SCHEMA_KINDS; i++) {
        names[i] = kinds[i].name;
    }

    names[i] = NULL;
    near = crm_cli_nearest(name, names);

    crm_cli_complain(near ? "there is no kind \"%s\": did you mean \"%s\"?"
                     : "there is no kind \"%s\": \"crmctl schema\" has all of"
                     " them", name, near);

    return CRM_CLI_USAGE;
}

/*
 * Dialect files: the whole.
 */

#include "rules/crm_dialect_parts.h"

#include "rules/crm_kind.h"

#include <stdlib.h>


#define PARSE_MAX_DEPTH  32


static crm_status_t parse_json(crm_dialect_parsed_t *parsed, crm_str_t text,
    crm_span_t *root, json_t **json, crm_pool_t *pool);
static crm_status_t parse_file(const crm_dialect_t **compiled,
    const json_t *json, crm_compile_t *cc);
static crm_status_t parse_sum(uint64_t *sum, const json_t *json);
static crm_status_t parse_faults(crm_dialect_parsed_t *parsed,
    crm_str_t text, crm_span_t root, const crm_findings_t *found,
    crm_pool_t *pool);
static crm_status_t parse_syntax(crm_dialect_parsed_t *parsed,
    crm_str_t text, size_t offset, const char *message, crm_pool_t *pool);
static int parse_cmp(const void *a, const void *b);


static const char *const  words_bulk[] = {
    "all_or_nothing", "per_item", NULL
};

static const char *const  words_mechanism[] = { "zoho", NULL };

const crm_key_t  crm_dialect_parts_file_keys[] = {
    { "kind", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL, "dialect" },
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 64, NULL, NULL,
      "what crm_dialect calls it" },
    { "description", CRM_KEY_STRING, 0, 0, 0, NULL, NULL,
      "a note for people; nothing reads it" },
    { "mechanism", CRM_KEY_WORD, 0, 0, 0, words_mechanism, NULL,
      "a way of reading and writing that no file can say" },
    { "prefix", CRM_KEY_LIST, 0, 0, 0, NULL, NULL,
      "paths under control, behind crm_prefix" },
    { "normalise", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "which spellings of a path the backend takes for one" },
    { "reserved", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "segments that are neither module nor id" },
    { "query", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "parameters that a write may have beside those of its route" },
    { "method_override", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "where a POST may say that it is another method" },
    { "body_types", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "content types, and how each is read" },
    { "modules", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "modules by name: aliases, id_prefix, id_form" },
    { "id_form", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "string, int, lower, sf18 or regex:PATTERN" },
    { "id_field", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the key of a record that holds its id" },
    { "forward_auth", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what the module's own reads take along from the client" },
    { "absent_is_null", CRM_KEY_BOOL, 0, 0, 0, NULL, NULL,
      "a field that the stored record lacks is empty, not unknown" },
    { "backend_sets", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "fields that the backend fills at creation" },
    { "backend_renews", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "fields that it sets anew at each update, whatever is sent" },
    { "ways", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what the backend has beside records" },
    { "routes", CRM_KEY_LIST, CRM_KEY_REQUIRED, 1, CRM_DIALECT_MAX_ROUTES,
      NULL, NULL, "what a request is; the first that matches" },
    { "duplicates", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "the field by which an upsert finds records, by module" },
    { "ok", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "which answers mean that it was done" },
    { "new_id", CRM_KEY_TEXTS, 0, 0, 0, NULL, NULL,
      "where the id of a created record stands, tried in order" },
    { "items", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what the answer says of each of many" },
    { "get", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "how the stored record is read" },
    { "patch", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how automation writes a record" },
    { "create", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how automation creates one" },
    { "add_tags", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how it gives a record tags" },
    { "remove_tags", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how it takes them away" },
    { "task", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what tasks are called here" },
    { "owner_field", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "the field that holds the id of a record's owner" },
    { "guard", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "what makes such a write depend on a version" },
    { "find", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how the record that a write created is found" },
    { "list", CRM_KEY_OBJECT, 0, 0, 0, NULL, NULL,
      "how all records of a module are read, page by page" },
    { "errors", CRM_KEY_OBJECT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "refusals in the backend's own words, by class" },
    { "bulk_policy", CRM_KEY_WORD, 0, 0, 0, words_bulk, NULL,
      "whether one of many can be refused alone" },
    CRM_KEYS_END
};

const crm_dialect_table_t  crm_dialect_parse_tables[] = {
    { "", crm_dialect_parts_file_keys },
    { "reserved", crm_dialect_parts_reserved_keys },
    { "normalise", crm_dialect_parts_normalise_keys },
    { "method_override", crm_dialect_parts_override_keys },
    { "body_types", crm_dialect_parts_body_keys },
    { "modules", crm_dialect_parts_module_keys },
    { "forward_auth", crm_dialect_parts_auth_keys },
    { "ways", crm_dialect_parts_ways_keys },
    { "routes", crm_dialect_parts_route_keys },
    { "routes.match", crm_dialect_parts_match_keys },
    { "routes.shared", crm_dialect_parts_shared_keys },
    { "ok", crm_dialect_parts_ok_keys },
    { "items", crm_dialect_parts_items_keys },
    { "get", crm_dialect_parts_get_keys },
    { "patch", crm_dialect_parts_patch_keys },
    { "create", crm_dialect_parts_create_keys },
    { "add_tags", crm_dialect_parts_tags_keys },
    { "remove_tags", crm_dialect_parts_tags_keys },
    { "task", crm_dialect_parts_task_keys },
    { "guard", crm_dialect_parts_guard_keys },
    { "find", crm_dialect_parts_find_keys },
    { "list", crm_dialect_parts_list_keys },
    { "errors", crm_dialect_parts_errors_keys },
    { "errors.class", crm_dialect_parts_error_keys },
    { "errors.cases", crm_dialect_parts_cases_keys },
    { "errors.case", crm_dialect_parts_case_keys },
    { NULL, NULL }
};


crm_status_t
crm_dialect_parse(crm_dialect_parsed_t *parsed, crm_str_t text,
    crm_pool_t *pool)
{
    json_t          *json;
    crm_span_t       root;
    crm_status_t     rc;
    crm_compile_t    cc;
    crm_findings_t   found;

    memset(parsed, 0, sizeof(crm_dialect_parsed_t));

    rc = parse_json(parsed, text, &root, &json, pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    crm_findings_init(&found, pool);

    memset(&cc, 0, sizeof(crm_compile_t));
    cc.pool = pool;
    cc.findings = &found;
    cc.object = CRM_NO_OBJECT;

    rc = parse_file(&parsed->dialect, json, &cc);
    json_decref(json);

    if (rc == CRM_ENOMEM || found.status != CRM_OK) {
        return CRM_ENOMEM;
    }

    return parse_faults(parsed, text, root, &found, pool);
}


/* A bundle brings it, for the worker: nginx reads the same as a file. */
crm_status_t
crm_kind_dialect(crm_build_t *b, const json_t *json)
{
    crm_status_t          rc;
    crm_map_entry_t      *entry;
    const crm_dialect_t  *dialect;

    rc = parse_file(&dialect, json, &b->cc);
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_dialect_find(crm_dialect_name(dialect))) {
        return crm_shape_error(&b->cc, "name", "duplicate_name", NULL,
                               "\"%s\" is built in; give a dialect of your"
                               " own another name", dialect->name);
    }

    entry = crm_map_add(&b->rules->dialects, crm_dialect_name(dialect));
    if (entry == NULL) {
        return CRM_ENOMEM;
    }

    entry->value = (void *) dialect;

    return CRM_OK;
}


/* Our scanner says where, and finds keys that are there twice; jansson makes
 * the tree. */
static crm_status_t
parse_json(crm_dialect_parsed_t *parsed, crm_str_t text, crm_span_t *root,
    json_t **json, crm_pool_t *pool)
{
    crm_scan_t         scan;
    crm_error_t        err;
    json_error_t       jerr;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    if (text.len > CRM_DIALECT_MAX_FILE) {
        rc = parse_syntax(parsed, text, 0, "the file is too long for a"
                          " dialect", pool);
        return rc == CRM_OK ? CRM_EINVAL : rc;
    }

    limits.max_nodes = CRM_DIALECT_MAX_FILE;
    limits.max_depth = PARSE_MAX_DEPTH;

    crm_scan_init(&scan, text, &limits, pool);

    rc = crm_scan_value(&scan, root, &err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        rc = parse_syntax(parsed, text, err.offset, err.text, pool);
        return rc == CRM_OK ? CRM_EINVAL : rc;
    }

    *json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &jerr);

    if (*json == NULL) {
        if (json_error_code(&jerr) == json_error_out_of_memory) {
            return CRM_ENOMEM;
        }

        rc = parse_syntax(parsed, text, jerr.position > 0
                          ? (size_t) jerr.position - 1 : 0, jerr.text, pool);
        return rc == CRM_OK ? CRM_EINVAL : rc;
    }

    return CRM_OK;
}


static crm_status_t
parse_file(const crm_dialect_t **compiled, const json_t *json,
    crm_compile_t *cc)
{
    crm_status_t                rc;
    crm_dialect_t              *dialect;
    struct crm_dialect_file_s  *d;

    *compiled = NULL;

    rc = crm_shape_check(json, crm_dialect_parts_file_keys, "a dialect", "",
                         cc);
    if (rc != CRM_OK) {
        return rc;
    }

    d = crm_pool_calloc(cc->pool, 1, sizeof(struct crm_dialect_file_s));
    dialect = crm_pool_calloc(cc->pool, 1, sizeof(crm_dialect_t));
    if (d == NULL || dialect == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_dialect_parts_globals(d, json, cc);
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_ways(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_routes(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_answer(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_own(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_list(d, json, cc));
    rc = crm_dialect_parts_worse(rc, crm_dialect_parts_errors(d, json, cc));

    if (rc == CRM_OK) {
        rc = crm_dialect_parts_mechanism(d, json, cc);
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_parts_shadows(d, cc);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    dialect->name = d->name.data;
    dialect->file = d;
    *compiled = dialect;

    return parse_sum(&d->sum, json);
}


/*
 * Of what it says, not of how that is written: a file and the bundle that holds
 * it have the same. A description is for people alone, and a bundle alone needs
 * a kind.
 */
static crm_status_t
parse_sum(uint64_t *sum, const json_t *json)
{
    char    *text;
    json_t  *said;

    said = json_copy((json_t *) json);
    if (said == NULL) {
        return CRM_ENOMEM;
    }

    (void) json_object_del(said, "kind");
    (void) json_object_del(said, "description");

    text = json_dumps(said, JSON_COMPACT|JSON_SORT_KEYS
                            |JSON_REAL_PRECISION(15));
    json_decref(said);

    if (text == NULL) {
        return CRM_ENOMEM;
    }

    *sum = crm_str_hash_wide(crm_strz(text));
    free(text);

    return CRM_OK;
}


static crm_status_t
parse_faults(crm_dialect_parsed_t *parsed, crm_str_t text, crm_span_t root,
    const crm_findings_t *found, crm_pool_t *pool)
{
    size_t                i;
    crm_dialect_fault_t  *f;

    if (found->errors) {
        parsed->dialect = NULL;
    }

    parsed->errors = found->errors;

    parsed->faults = crm_pool_calloc(pool, found->count + 1,
                                     sizeof(crm_dialect_fault_t));
    if (parsed->faults == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < found->count; i++) {
        f = &parsed->faults[parsed->count++];
        f->finding = &found->items[i];

        crm_dialect_parts_place(text, root, f->finding->path,
                                f->finding->at_key, &f->line, &f->column);
    }

    qsort(parsed->faults, parsed->count, sizeof(crm_dialect_fault_t),
          parse_cmp);

    return CRM_OK;
}


static crm_status_t
parse_syntax(crm_dialect_parsed_t *parsed, crm_str_t text, size_t offset,
    const char *message, crm_pool_t *pool)
{
    crm_findings_t  *found;

    found = crm_pool_alloc(pool, sizeof(crm_findings_t));
    parsed->faults = crm_pool_calloc(pool, 1, sizeof(crm_dialect_fault_t));
    if (found == NULL || parsed->faults == NULL) {
        return CRM_ENOMEM;
    }

    crm_findings_init(found, pool);
    crm_findings_add(found, CRM_ERROR, CRM_NO_OBJECT, "", 0, "syntax", NULL,
                     "%s", message);

    if (found->status != CRM_OK) {
        return CRM_ENOMEM;
    }

    parsed->faults[0].finding = &found->items[0];
    crm_dialect_parts_offset(text, offset, &parsed->faults[0].line,
                             &parsed->faults[0].column);
    parsed->count = 1;
    parsed->errors = 1;

    return CRM_OK;
}


static int
parse_cmp(const void *a, const void *b)
{
    const crm_dialect_fault_t  *x = a, *y = b;

    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }

    return x->column < y->column ? -1 : x->column > y->column;
}

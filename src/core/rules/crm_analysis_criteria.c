/*
 * Findings about criteria: no record matches, every record does, the same
 * stands there twice, an entry of a list is never reached.
 */

#include "rules/crm_analysis_criteria.h"

#include "base/crm_limits.h"


/* Documents are read from files that are at most so deep. */
#define CRITERIA_MAX_DEPTH  64

/* Members of one list, compared with one another. */
#define CRITERIA_MAX_LIST   100

/* Where criteria stand. */
typedef struct {
    crm_analysis_model_t   *model;
    crm_analysis_module_t  *module;
    size_t                  object;
    const crm_criteria_t   *criteria;
    const json_t           *json;
    const char             *path;
} place_t;


static crm_status_t criteria_impossible(const place_t *at,
    const crm_analysis_blame_t *blame, crm_severity_t severity,
    const char *path, const char *head);
static crm_status_t criteria_branches(const place_t *at);
static crm_status_t criteria_doubles(const place_t *at);
static crm_status_t criteria_double_rows(const place_t *at);
static const char *node_path(const place_t *at, unsigned node);
static crm_status_t list_entry(crm_analysis_model_t *model,
    const crm_analysis_list_t *list, size_t entry);
static crm_status_t list_unreachable(crm_analysis_model_t *model,
    const crm_analysis_list_t *list, size_t entry);
static crm_str_t list_covers(crm_analysis_model_t *model,
    const crm_analysis_list_t *list, size_t i, size_t entry);
static int entries_equal(const crm_criteria_t *a, const crm_criteria_t *b);
static crm_status_t document_walk(place_t *at, const json_t *json,
    const char *path, unsigned depth);
static crm_status_t document_member(place_t *at, const char *kind,
    const char *key, const json_t *json, const char *path, unsigned depth);
static crm_status_t document_list(place_t *at, const json_t *json,
    const char *path, const char *word);
static const char *first_match_word(const char *kind, const char *key);


crm_status_t
crm_analysis_criteria(crm_analysis_model_t *model, size_t object,
    crm_analysis_module_t *module, const crm_criteria_t *criteria,
    const json_t *json, const char *path)
{
    place_t               at;
    crm_status_t          rc;
    crm_analysis_term_t   term;
    crm_analysis_blame_t  blame;

    if (criteria->nodes == NULL) {
        return CRM_OK;
    }

    at.model = model;
    at.module = module;
    at.object = object;
    at.criteria = criteria;
    at.json = json;
    at.path = path;

    memset(&term, 0, sizeof(crm_analysis_term_t));
    term.criteria = criteria;

    if (crm_analysis_tree_impossible(model->tree, &term, 1,
                                     &module->predicates, &blame))
    {
        return criteria_impossible(&at, &blame, CRM_ERROR,
                                   node_path(&at, blame.at),
                                   "no record can match");
    }

    rc = criteria_branches(&at);
    if (rc == CRM_OK) {
        rc = criteria_doubles(&at);
    }

    term.denied = 1;

    if (rc == CRM_OK
        && crm_analysis_tree_impossible(model->tree, &term, 1,
                                        &module->predicates, NULL))
    {
        crm_findings_add(model->findings, CRM_WARNING, object, path, 0,
                         "always_true", NULL, "every record matches: write"
                         " criteria: null if that is meant, or join what must"
                         " hold together by AND");
    }

    return rc == CRM_OK ? crm_analysis_tree_status(model->tree) : rc;
}


crm_status_t
crm_analysis_criteria_list(crm_analysis_model_t *model,
    const crm_analysis_list_t *list)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; i < list->count && rc == CRM_OK; i++) {
        if (list->known[i]) {
            rc = list_entry(model, list, i);
        }
    }

    return rc;
}


crm_status_t
crm_analysis_criteria_document(crm_analysis_model_t *model, size_t object,
    const json_t *json)
{
    place_t    at;
    crm_str_t  module;

    module = crm_shape_str(json_object_get(json, "module"));
    if (module.len == 0) {
        return CRM_OK;
    }

    memset(&at, 0, sizeof(place_t));
    at.model = model;
    at.object = object;
    at.module = crm_analysis_model_module(model, module);

    return at.module ? document_walk(&at, json, "", 0) : CRM_ENOMEM;
}


static crm_status_t
criteria_impossible(const place_t *at, const crm_analysis_blame_t *blame,
    crm_severity_t severity, const char *path, const char *head)
{
    crm_str_t     one, other;
    crm_pool_t   *pool;

    pool = at->model->pool;
    one = blame->one ? crm_analysis_literal_text(blame->one,
                                                 &at->module->schema, pool)
                     : CRM_STR("");
    other = blame->other ? crm_analysis_literal_text(blame->other,
                                                     &at->module->schema, pool)
                         : CRM_STR("");

    if (one.data == NULL || other.data == NULL || path == NULL) {
        return CRM_ENOMEM;
    }

    if (blame->other) {
        crm_findings_add(at->model->findings, severity, at->object, path, 0,
                         "contradiction", NULL, "%s: \"%s\" and \"%s\" are"
                         " never both true; change one, or join them by OR",
                         head, one.data, other.data);

    } else if (blame->one && strcmp(blame->one->comparator->name, "between")
                             == 0)
    {
        crm_findings_add(at->model->findings, severity, at->object, path, 0,
                         "contradiction", NULL, "%s: the bounds of \"%s\" are"
                         " reversed; write the smaller one first", head,
                         one.data);

    } else {
        crm_findings_add(at->model->findings, severity, at->object, path, 0,
                         "contradiction", NULL, "%s: what stands beside"
                         " \"%s\" leaves it no value", head, one.data);
    }

    return CRM_OK;
}


/* Members of an OR that are never true; what is below them is not told. */
static crm_status_t
criteria_branches(const place_t *at)
{
    uint8_t               *dead;
    unsigned               i, k;
    crm_status_t           rc;
    const crm_node_t      *nodes;
    crm_analysis_blame_t   blame;

    nodes = at->criteria->nodes;

    dead = crm_pool_calloc(at->model->pool, at->criteria->count, 1);
    if (dead == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < at->criteria->count; i++) {
        if (nodes[i].type != CRM_NODE_OR || dead[i]) {
            continue;
        }

        for (k = i + 1; k < nodes[i].next; k = nodes[k].next) {
            if (!crm_analysis_tree_node_impossible(at->model->tree,
                                                   at->criteria, k,
                                                   &at->module->predicates,
                                                   &blame))
            {
                continue;
            }

            memset(dead + k, 1, nodes[k].next - k);

            rc = criteria_impossible(at, &blame, CRM_WARNING,
                                     node_path(at, k),
                                     "this member of an OR is never true");
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return CRM_OK;
}


/* The same leaf twice in a group. */
static crm_status_t
criteria_doubles(const place_t *at)
{
    unsigned           i, k, n;
    const char        *path;
    crm_str_t          text;
    const crm_node_t  *nodes;

    if (json_object_get(at->json, "rows")) {
        return criteria_double_rows(at);
    }

    nodes = at->criteria->nodes;

    for (i = 0; i < at->criteria->count; i++) {
        for (k = i + 1; k < nodes[i].next; k = nodes[k].next) {
            for (n = i + 1; n < k; n = nodes[n].next) {
                if (nodes[n].type == CRM_NODE_LEAF
                    && nodes[k].type == CRM_NODE_LEAF
                    && nodes[n].predicate == nodes[k].predicate)
                {
                    break;
                }
            }

            if (n >= k) {
                continue;
            }

            path = node_path(at, k);
            text = crm_analysis_literal_text(
                       at->module->predicates.items[nodes[k].predicate],
                       &at->module->schema, at->model->pool);
            if (path == NULL || text.data == NULL) {
                return CRM_ENOMEM;
            }

            crm_findings_add(at->model->findings, CRM_WARNING, at->object,
                             path, 0, "duplicate_criteria", NULL,
                             "\"%s\" stands in this group already: leave one",
                             text.data);
        }
    }

    return CRM_OK;
}


static crm_status_t
criteria_double_rows(const place_t *at)
{
    size_t         i, k, count;
    const char    *path;
    const json_t  *rows;

    rows = json_object_get(at->json, "rows");
    count = json_array_size(rows);
    count = count > CRM_MAX_ROWS ? CRM_MAX_ROWS : count;

    for (i = 1; i < count; i++) {
        for (k = 0; k < i; k++) {
            if (json_equal(json_array_get(rows, i), json_array_get(rows, k))) {
                break;
            }
        }

        if (k == i) {
            continue;
        }

        path = crm_pool_printf(at->model->pool, "%s.rows[%zu]", at->path,
                               i).data;
        if (path == NULL) {
            return CRM_ENOMEM;
        }

        crm_findings_add(at->model->findings, CRM_WARNING, at->object, path,
                         0, "duplicate_criteria", NULL, "row %zu says the"
                         " same as row %zu: leave one", i + 1, k + 1);
    }

    return CRM_OK;
}


/* Where a node stands; with rows, the pattern that put it there. */
static const char *
node_path(const place_t *at, unsigned node)
{
    unsigned           i, from;
    size_t             member;
    crm_str_t          path;
    const crm_node_t  *nodes;

    if (json_object_get(at->json, "rows")) {
        return crm_pool_printf(at->model->pool, "%s.pattern", at->path).data;
    }

    nodes = at->criteria->nodes;
    path = crm_strz(at->path);

    for (from = 0; from < node && path.data; ) {
        member = 0;

        for (i = from + 1; nodes[i].next <= node; i = nodes[i].next) {
            member++;
        }

        path = crm_pool_printf(at->model->pool, "%s.group[%zu]", path.data,
                               member);
        from = i;
    }

    return path.data;
}


static crm_status_t
list_entry(crm_analysis_model_t *model, const crm_analysis_list_t *list,
    size_t entry)
{
    const char    *path;
    const json_t  *json;
    crm_status_t   rc;
    size_t         errors;

    json = json_object_get(json_array_get(list->list, entry), "criteria");
    path = crm_pool_printf(model->pool, "%s[%zu].criteria", list->path,
                           entry).data;
    if (path == NULL) {
        return CRM_ENOMEM;
    }

    errors = model->findings->errors;

    rc = crm_analysis_criteria(model, list->object, list->module,
                               &list->criteria[entry], json, path);

    /* what matches nothing is not reached either: said once */

    return rc == CRM_OK && model->findings->errors == errors
           ? list_unreachable(model, list, entry) : rc;
}


static crm_status_t
list_unreachable(crm_analysis_model_t *model, const crm_analysis_list_t *list,
    size_t entry)
{
    size_t                i, n;
    crm_str_t             path, why;
    crm_analysis_term_t   terms[CRITERIA_MAX_LIST];

    why = CRM_STR("");
    memset(terms, 0, sizeof(terms));
    terms[0].criteria = &list->criteria[entry];

    for (i = 0, n = 1; i < entry && why.len == 0; i++) {
        if (!list->known[i]) {
            continue;
        }

        terms[n].criteria = &list->criteria[i];
        terms[n++].denied = 1;

        why = list_covers(model, list, i, entry);
        if (why.data == NULL) {
            return CRM_ENOMEM;
        }
    }

    if (why.len == 0 && n > 2
        && crm_analysis_tree_impossible(model->tree, terms, n,
                                        &list->module->predicates, NULL))
    {
        why = crm_pool_printf(model->pool, "what stands before this %s"
                              " matches whatever it matches, so it is never"
                              " reached; put it first", list->word);
    }

    path = crm_pool_printf(model->pool, "%s[%zu]", list->path, entry);

    if (path.data == NULL || why.data == NULL) {
        return CRM_ENOMEM;
    }

    if (why.len) {
        crm_findings_add(model->findings, CRM_ERROR, list->object, path.data,
                         0, "unreachable", NULL, "%s", why.data);
    }

    return CRM_OK;
}


/* How entry i takes all that a later one could match; empty if it does not,
 * no data without memory. */
static crm_str_t
list_covers(crm_analysis_model_t *model, const crm_analysis_list_t *list,
    size_t i, size_t entry)
{
    crm_analysis_term_t  terms[2];

    if (list->criteria[i].nodes == NULL) {
        return crm_pool_printf(model->pool, "%s %zu has no criteria and"
                               " matches every record, so this one is never"
                               " reached; put it last", list->word, i + 1);
    }

    if (entries_equal(&list->criteria[i], &list->criteria[entry])) {
        return crm_pool_printf(model->pool, "%s %zu has the same criteria, so"
                               " this one is never reached; leave one",
                               list->word, i + 1);
    }

    memset(terms, 0, sizeof(terms));
    terms[0].criteria = &list->criteria[entry];
    terms[1].criteria = &list->criteria[i];
    terms[1].denied = 1;

    if (!crm_analysis_tree_impossible(model->tree, terms, 2,
                                      &list->module->predicates, NULL))
    {
        return CRM_STR("");
    }

    return crm_pool_printf(model->pool, "%s %zu matches whatever this one"
                           " matches, so this one is never reached; put it"
                           " before %s %zu", list->word, i + 1, list->word,
                           i + 1);
}


/* Predicates are shared, so equal criteria have equal programs. */
static int
entries_equal(const crm_criteria_t *a, const crm_criteria_t *b)
{
    unsigned  i;

    if (a->count != b->count) {
        return 0;
    }

    for (i = 0; i < a->count; i++) {
        if (a->nodes[i].type != b->nodes[i].type
            || a->nodes[i].next != b->nodes[i].next
            || a->nodes[i].predicate != b->nodes[i].predicate)
        {
            return 0;
        }
    }

    return 1;
}


static crm_status_t
document_walk(place_t *at, const json_t *json, const char *path,
    unsigned depth)
{
    size_t        i;
    json_t       *value;
    crm_str_t     below;
    const char   *key, *kind;
    crm_status_t  rc;

    if (depth > CRITERIA_MAX_DEPTH) {
        return CRM_OK;
    }

    kind = depth == 0 ? json_string_value(json_object_get(json, "kind"))
                      : NULL;

    json_object_foreach((json_t *) json, key, value) {
        if (!json_is_object(value) && !json_is_array(value)) {
            continue;
        }

        below = crm_pool_printf(at->model->pool, "%s%s%s", path,
                                path[0] ? "." : "", key);
        rc = below.data ? document_member(at, kind, key, value, below.data,
                                          depth) : CRM_ENOMEM;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    json_array_foreach((json_t *) json, i, value) {
        if (!json_is_object(value) && !json_is_array(value)) {
            continue;
        }

        below = crm_pool_printf(at->model->pool, "%s[%zu]", path, i);
        rc = below.data ? document_walk(at, value, below.data, depth + 1)
                        : CRM_ENOMEM;
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
document_member(place_t *at, const char *kind, const char *key,
    const json_t *json, const char *path, unsigned depth)
{
    const char      *word;
    crm_status_t     rc;
    crm_criteria_t   criteria;

    word = kind ? first_match_word(kind, key) : NULL;

    if (word && json_is_array(json)) {
        return document_list(at, json, path, word);
    }

    /* what a trigger watches is no criteria of the record, and what actions
       and values hold is theirs */

    if (strcmp(key, "execute_when") == 0 || strcmp(key, "value") == 0
        || strcmp(key, "fields") == 0)
    {
        return depth == 0 || strcmp(key, "fields") != 0
               ? CRM_OK : document_walk(at, json, path, depth + 1);
    }

    if (strcmp(key, "criteria") != 0 || !json_is_object(json)) {
        return document_walk(at, json, path, depth + 1);
    }

    rc = crm_analysis_model_compile(at->model, at->module, &criteria, json);

    return rc == CRM_OK ? crm_analysis_criteria(at->model, at->object,
                                                at->module, &criteria, json,
                                                path)
           : rc == CRM_ENOMEM ? rc : CRM_OK;
}


static crm_status_t
document_list(place_t *at, const json_t *json, const char *path,
    const char *word)
{
    size_t                i;
    uint8_t               known[CRITERIA_MAX_LIST];
    crm_status_t          rc;
    crm_criteria_t        criteria[CRITERIA_MAX_LIST];
    crm_analysis_list_t   list;

    memset(&list, 0, sizeof(crm_analysis_list_t));
    list.object = at->object;
    list.module = at->module;
    list.list = json;
    list.path = path;
    list.word = word;
    list.criteria = criteria;
    list.known = known;

    for (i = 0; i < json_array_size(json) && i < CRITERIA_MAX_LIST; i++) {
        rc = crm_analysis_model_compile(at->model, at->module, &criteria[i],
                                        json_object_get(json_array_get(json,
                                                                       i),
                                                        "criteria"));
        if (rc == CRM_ENOMEM) {
            return rc;
        }

        known[i] = rc == CRM_OK;
    }

    list.count = i;

    return crm_analysis_criteria_list(at->model, &list);
}


/* What an entry is called in a list of which the first match counts. */
static const char *
first_match_word(const char *kind, const char *key)
{
    size_t  i;

    static const struct {
        const char  *kind;
        const char  *key;
        const char  *word;
    } rows[] = {
        { "workflow_rule", "conditions", "condition" },
        { "assignment_rule", "entries", "entry" },
        { "escalation_rule", "entries", "entry" },
        { "approval_process", "rules", "rule" }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(kind, rows[i].kind) == 0
            && strcmp(key, rows[i].key) == 0)
        {
            return rows[i].word;
        }
    }

    return NULL;
}

/*
 * All criteria of a document, wherever they stand.
 */

#include "rules/crm_analysis_document.h"

#include "rules/crm_analysis_criteria.h"
#include "rules/crm_analysis_list.h"


/* Documents are read from files that are at most so deep. */
#define DOCUMENT_MAX_DEPTH  64

/* Which document is walked through. */
typedef struct {
    crm_analysis_model_t   *model;
    crm_analysis_module_t  *module;
    size_t                  object;
} place_t;


static crm_status_t document_walk(const place_t *at, const json_t *json,
    const char *path, unsigned depth);
static crm_status_t document_member(const place_t *at, const char *kind,
    const char *key, const json_t *json, const char *path, unsigned depth);
static crm_status_t document_list(const place_t *at, const json_t *json,
    const char *path, const char *word);
static const char *first_match_word(const char *kind, const char *key);


crm_status_t
crm_analysis_document(crm_analysis_model_t *model, size_t object,
    const json_t *json)
{
    place_t    at;
    crm_str_t  module;

    module = crm_shape_str(json_object_get(json, "module"));
    if (module.len == 0) {
        return CRM_OK;
    }

    at.model = model;
    at.object = object;
    at.module = crm_analysis_model_module(model, module);

    return at.module ? document_walk(&at, json, "", 0) : CRM_ENOMEM;
}


static crm_status_t
document_walk(const place_t *at, const json_t *json, const char *path,
    unsigned depth)
{
    size_t        i;
    json_t       *value;
    crm_str_t     below;
    const char   *key, *kind;
    crm_status_t  rc;

    if (depth > DOCUMENT_MAX_DEPTH) {
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
document_member(const place_t *at, const char *kind, const char *key,
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
document_list(const place_t *at, const json_t *json, const char *path,
    const char *word)
{
    size_t                i;
    uint8_t               known[CRM_ANALYSIS_LIST_MAX];
    crm_status_t          rc;
    crm_criteria_t        criteria[CRM_ANALYSIS_LIST_MAX];
    crm_analysis_list_t   list;

    memset(&list, 0, sizeof(crm_analysis_list_t));
    list.object = at->object;
    list.module = at->module;
    list.list = json;
    list.path = path;
    list.word = word;
    list.criteria = criteria;
    list.known = known;

    for (i = 0; i < json_array_size(json) && i < CRM_ANALYSIS_LIST_MAX; i++) {
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

    return crm_analysis_list(at->model, &list);
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

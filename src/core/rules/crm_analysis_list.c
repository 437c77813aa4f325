/*
 * Findings about lists of which the first entry that matches counts: an entry
 * that is never reached.
 */

#include "rules/crm_analysis_list.h"

#include "rules/crm_analysis_criteria.h"


static crm_status_t list_entry(crm_analysis_model_t *model,
    const crm_analysis_list_t *list, size_t entry);
static crm_status_t list_unreachable(crm_analysis_model_t *model,
    const crm_analysis_list_t *list, size_t entry);
static crm_str_t list_covers(crm_analysis_model_t *model,
    const crm_analysis_list_t *list, size_t i, size_t entry);
static int entries_equal(const crm_criteria_t *a, const crm_criteria_t *b);


crm_status_t
crm_analysis_list(crm_analysis_model_t *model,
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
    crm_analysis_term_t   terms[CRM_ANALYSIS_LIST_MAX];

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

/*
 * Findings about criteria: no record matches, every record does, the same
 * stands there twice.
 */

#include "rules/crm_analysis_criteria.h"

#include "base/crm_limits.h"


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

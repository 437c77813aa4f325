/*
 * Rule sets for tests of the analysis, and what it finds in them.
 */

#ifndef CRM_ANALYSIS_MAKE_H
#define CRM_ANALYSIS_MAKE_H

#include "crm_rules_make.h"

#include "base/crm_limits.h"
#include "rules/crm_analysis.h"


#define SET(f, v)  "{'type':'field_updates','field':'" f "','value':" v "}"
#define LEAF(f, c, v)  "{'field':'" f "','comparator':'" c "','value':" v "}"
#define AND(list)  "{'group_operator':'AND','group':[" list "]}"
#define OR(list)   "{'group_operator':'OR','group':[" list "]}"
#define DO(criteria, actions)                                                 \
    "{'criteria':" criteria ",'instant_actions':[" actions "]}"
#define IF(criteria)  DO(criteria, SET("Z", "1"))
#define RULE(name, head, when, conditions)                                    \
    "{'kind':'workflow_rule','name':'" name "','module':'M'" head             \
    ",'execute_when':{'type':'" when "'},'conditions':[" conditions "]}"
#define WATCH(name, head, leaf, conditions)                                   \
    "{'kind':'workflow_rule','name':'" name "','module':'M'" head             \
    ",'execute_when':{'type':'field_update','details':{'criteria':" leaf      \
    "}},'conditions':[" conditions "]}"
#define EDIT(conditions)  RULE("R", "", "edit", conditions)
#define ANY(f)   LEAF(f, "equal", "'${ANYVALUE}'")
#define CASCADE  ",'cascade':true"
#define FIELDS                                                                \
    "{'kind':'module','name':'M','fields':["                                  \
    "{'api_name':'N','data_type':'currency'},"                                \
    "{'api_name':'T','data_type':'text'},"                                    \
    "{'api_name':'D','data_type':'date'},"                                    \
    "{'api_name':'S','data_type':'datetime'},"                                \
    "{'api_name':'P','data_type':'multiselectpicklist'},"                     \
    "{'api_name':'B','data_type':'boolean'},"                                 \
    "{'api_name':'L','data_type':'lookup'},"                                  \
    "{'api_name':'Z','data_type':'integer'}]},"

typedef struct {
    const char  *objects;
    const char  *found;         /* "code path, code path", in any order */
} row_t;


/* What analysis finds in objects, of which all but the last live are own. */
static inline const char *
analyze(crm_pool_t *pool, const char *objects, size_t live,
    const crm_analysis_limits_t *limits, crm_findings_t *findings)
{
    size_t      i;
    json_t     *bundle;
    crm_buf_t   text;

    bundle = crm_make_bundle(objects);
    crm_findings_init(findings, pool);

    assert_int_equal(crm_analysis_run(bundle,
                         json_array_size(json_object_get(bundle, "objects"))
                         - live, limits, crm_host_malloc(), findings),
                     CRM_OK);
    assert_int_equal(findings->status, CRM_OK);
    json_decref(bundle);

    crm_buf_init(&text, pool, 0);

    for (i = 0; i < findings->count; i++) {
        crm_buf_puts(&text, i ? ", " : "");
        crm_buf_puts(&text, findings->items[i].severity == CRM_ERROR ? "E "
                     : findings->items[i].severity == CRM_HINT ? "h " : "w ");
        crm_buf_puts(&text, findings->items[i].code);
        crm_buf_putc(&text, ' ');
        crm_buf_puts(&text, findings->items[i].path);
    }

    crm_buf_putc(&text, '\0');
    assert_int_equal(crm_buf_status(&text), CRM_OK);

    return text.data;
}


static inline void
check(const row_t *rows, size_t n)
{
    size_t           i;
    crm_pool_t      *pool;
    const char      *found;
    crm_findings_t   findings;

    for (i = 0; i < n; i++) {
        pool = crm_test_pool();
        found = analyze(pool, rows[i].objects, 0, NULL, &findings);

        if (strcmp(found, rows[i].found) != 0) {
            crm_make_print(&findings);
            fail_msg("%s\n  found: %s\n  not:   %s", rows[i].objects, found,
                     rows[i].found);
        }

        crm_pool_destroy(pool);
    }
}

#define CHECK(rows)  check(rows, sizeof(rows) / sizeof((rows)[0]))


static inline const char *
says(crm_pool_t *pool, const char *objects)
{
    crm_findings_t  findings;

    (void) analyze(pool, objects, 0, NULL, &findings);
    assert_true(findings.count > 0);

    return findings.items[0].message;
}

#endif

/*
 * A change of the rules that somebody has sent. It would fail if somebody could
 * change more than his profile permits, or if memory that runs out did.
 */

#include "crm_rules_make.h"

#include "rules/crm_edit.h"
#include "rules/crm_kind.h"


#define LIVE                                                                  \
    "{\"v\":1,\"org\":\"acme\",\"objects\":["                                 \
    "{\"managed_by\":\"a\",\"object\":{\"kind\":\"role\",\"name\":\"R\"}},"   \
    "{\"managed_by\":\"a\",\"object\":{\"kind\":\"email_template\","          \
    "\"name\":\"T\",\"module\":\"Deals\",\"subject\":\"s\","                  \
    "\"text\":\"t\"}}]}"
#define SENT(expected, objects)                                               \
    "{\"expected\":" expected ",\"bundle\":{\"v\":1,\"org\":\"acme\","         \
    "\"objects\":[" objects "]}}"
#define ROLE(name)                                                            \
    "{\"managed_by\":\"a\",\"object\":{\"kind\":\"role\",\"name\":\"" name    \
    "\"}}"
#define MAIL(text)                                                            \
    "{\"managed_by\":\"a\",\"object\":{\"kind\":\"email_template\","          \
    "\"name\":\"T\",\"module\":\"Deals\",\"subject\":\"s\","                  \
    "\"text\":\"" text "\"}}"

typedef struct {
    const char      *what;
    const char      *sent;
    unsigned         permits;
    crm_edit_end_t   end;
    unsigned         takes;
} row_t;

static const row_t  rows[] = {
    { "nothing", SENT("7", ROLE("R") "," MAIL("t")), 0, CRM_EDIT_SAME, 0 },
    { "nothing, a second time", SENT("6", ROLE("R") "," MAIL("t")), 0,
      CRM_EDIT_SAME, 0 },
    { "another order alone", SENT("7", MAIL("t") "," ROLE("R")), 0,
      CRM_EDIT_STORE, 0 },
    { "a role is added", SENT("7", ROLE("R") "," ROLE("S") "," MAIL("t")),
      CRM_PERMIT_MODULES, CRM_EDIT_STORE, CRM_PERMIT_MODULES },
    { "a role is added by who may not",
      SENT("7", ROLE("R") "," ROLE("S") "," MAIL("t")), CRM_PERMIT_WORKFLOW,
      CRM_EDIT_DENIED, CRM_PERMIT_MODULES },
    { "a role goes", SENT("7", MAIL("t")), CRM_PERMIT_WORKFLOW,
      CRM_EDIT_DENIED, CRM_PERMIT_MODULES },
    { "a template is changed", SENT("7", ROLE("R") "," MAIL("u")),
      CRM_PERMIT_WORKFLOW, CRM_EDIT_STORE, CRM_PERMIT_WORKFLOW },
    { "both by who may one", SENT("7", ROLE("S") "," MAIL("u")),
      CRM_PERMIT_WORKFLOW, CRM_EDIT_DENIED,
      CRM_PERMIT_WORKFLOW | CRM_PERMIT_MODULES },
    { "both", SENT("7", ROLE("S") "," MAIL("u")),
      CRM_PERMIT_WORKFLOW | CRM_PERMIT_MODULES, CRM_EDIT_STORE,
      CRM_PERMIT_WORKFLOW | CRM_PERMIT_MODULES },
    { "of an earlier revision", SENT("6", ROLE("S") "," MAIL("u")),
      CRM_PERMIT_WORKFLOW | CRM_PERMIT_MODULES, CRM_EDIT_STALE,
      CRM_PERMIT_WORKFLOW | CRM_PERMIT_MODULES },
    { "two of one name", SENT("7", ROLE("S") "," ROLE("S") "," MAIL("t")),
      CRM_PERMIT_MODULES, CRM_EDIT_INVALID, CRM_PERMIT_MODULES },
    { "no JSON", "{\"expected\":", 0, CRM_EDIT_INVALID, 0 },
};


static crm_status_t
judge(crm_edit_t *edit, const row_t *row, const crm_host_t *host,
    crm_pool_t *pool)
{
    crm_edit_ask_t  ask;

    memset(&ask, 0, sizeof(crm_edit_ask_t));
    ask.org = CRM_STR("acme");
    ask.sent = crm_strz(row->sent);
    ask.live = CRM_STR(LIVE);
    ask.revision = 7;
    ask.epoch = CRM_STR("E");
    ask.user = CRM_STR("1001");
    ask.permits = row->permits;
    ask.now_ms = 1;

    return crm_edit_judge(edit, &ask, host, pool);
}


static void
test_what_a_change_takes(void **state)
{
    size_t        i;
    crm_pool_t   *pool;
    crm_edit_t    edit;

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_pool_create(crm_host_malloc(), 0);

        assert_int_equal(judge(&edit, &rows[i], crm_host_malloc(), pool),
                         CRM_OK);

        if (edit.end != rows[i].end || edit.changes.permits != rows[i].takes
            || (edit.end != CRM_EDIT_STORE && edit.end != CRM_EDIT_SAME
                && edit.error.text[0] == '\0')
            || (edit.end == CRM_EDIT_STORE && edit.meta.len == 0))
        {
            fail_msg("%s: end %d, takes %u: %s", rows[i].what,
                     (int) edit.end, edit.changes.permits, edit.error.text);
        }

        crm_pool_destroy(pool);
    }
}


static void
test_each_kind_takes_a_right(void **state)
{
    size_t             i, n;
    const crm_kind_t  *kinds;

    (void) state;

    kinds = crm_kind_rows(&n);

    for (i = 0; i < n; i++) {
        assert_int_equal(crm_edit_permit(crm_strz(kinds[i].name)),
                         i < 10 || strcmp(kinds[i].name, "record_locking") == 0
                         ? CRM_PERMIT_MODULES : CRM_PERMIT_WORKFLOW);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_what_a_change_takes),
        cmocka_unit_test(test_each_kind_takes_a_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

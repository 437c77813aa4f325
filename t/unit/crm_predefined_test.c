/*
 * Tokens. What they stand for is said by the cases of t/data/criteria; here is
 * which there are. It would fail by a token that is read as another.
 */

#include "crm_test.h"

#include <limits.h>

#include "rules/crm_predefined.h"


static void
tokens_are_read_whole_or_not_at_all(void **state)
{
    size_t            i;
    crm_predefined_t  token;

    static const struct {
        const char             *text;
        crm_predefined_kind_t   kind;
        int                     n;
    } rows[] = {
        { "${NOW}", CRM_PREDEFINED_NOW, 0 },
        { "${NOW-30m}", CRM_PREDEFINED_NOW, -30 },
        { "${NOW+2h}", CRM_PREDEFINED_NOW, 2 },
        { "${NOW+999999d}", CRM_PREDEFINED_NOW, 999999 },
        { "${TODAY}", CRM_PREDEFINED_TODAY, 0 },
        { "${TODAY+7}", CRM_PREDEFINED_TODAY, 7 },
        { "${TODAY-007}", CRM_PREDEFINED_TODAY, -7 },
        { "${STARTOF:week}", CRM_PREDEFINED_FIRST, 0 },
        { "${ENDOF:quarter}", CRM_PREDEFINED_LAST, 0 },
        { "${CURRENTUSER}", CRM_PREDEFINED_USER, 0 },
        { "${CURRENTUSER.role}", CRM_PREDEFINED_ROLE, 0 },
        { "${CURRENTUSER.profile}", CRM_PREDEFINED_PROFILE, 0 },
    };

    static const char *const  wrong[] = {
        "", "$", "${", "${}", "NOW", "${NOW", "NOW}", "${now}", "${NOW+}",
        "${NOW+1}", "${NOW+m}", "${NOW+1s}", "${NOW1m}", "${NOW+1mm}",
        "${NOW+1000000d}", "${TODAY+}", "${TODAY+1d}", "${TODAY7}",
        "${TODAY+1000000}", "${TODAY +1}", "${TODAY+-1}", "${STARTOF:}",
        "${STARTOF:day}", "${STARTOFweek}", "${ENDOF:Week}", "${CURRENTUSER.}",
        "${CURRENTUSER.name}", "${CURRENTUSERS}", "${EMPTY}", "${ANYVALUE}",
        "${!Deals.id}",
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_row(crm_predefined_parse(&token, crm_strz(rows[i].text))
                   == CRM_OK, rows[i].text);
        assert_row(token.kind == rows[i].kind, rows[i].text);
        assert_row(token.n == rows[i].n, rows[i].text);
    }

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_row(crm_predefined_parse(&token, crm_strz(wrong[i]))
                   == CRM_DECLINED, wrong[i]);
    }
}


/* However far, a day stays one that can be written. */
static void
far_offsets_stay_days(void **state)
{
    char              text[CRM_MOMENT_LEN + 1];
    crm_scope_t       scope;
    crm_moment_t      m;
    crm_predefined_t  token;

    (void) state;

    memset(&scope, 0, sizeof(crm_scope_t));
    scope.now_ms = 1795305600000LL;         /* 2026-11-22 */

    assert_int_equal(crm_predefined_parse(&token, CRM_STR("${TODAY+999999}")),
                     CRM_OK);
    m = crm_predefined_moment(&token, &scope);
    assert_str(crm_moment_text(text, &m, NULL), "4764-10-18");

    assert_int_equal(crm_predefined_parse(&token, CRM_STR("${NOW-999999d}")),
                     CRM_OK);
    m = crm_predefined_moment(&token, &scope);
    assert_true(m.day == 1795305600LL / 86400 - 999999);

    scope.now_ms = LLONG_MAX;
    m = crm_predefined_moment(&token, &scope);
    assert_str(crm_moment_text(text, &m, NULL).len ? CRM_STR("") : CRM_STR("x"),
               "");
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(tokens_are_read_whole_or_not_at_all),
    cmocka_unit_test(far_offsets_stay_days),
};

CRM_TEST_MAIN(tests)

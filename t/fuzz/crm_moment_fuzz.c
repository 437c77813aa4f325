/*
 * Dates and times, and tokens of them: what is read is written so that it
 * reads as the same again.
 */

#include <stdlib.h>

#include "rules/crm_predefined.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const crm_moment_t *m, const crm_zone_t *zone);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    crm_str_t         text;
    crm_scope_t       scope;
    crm_moment_t      m;
    crm_predefined_t  token;

    static crm_zone_change_t  changes[] = {
        { 0, 3600 }, { 1774746000, 7200 }, { 1792890000, 3600 },
        { 4109878800, 7200 }, { 4128627600, 3600 }
    };

    static const crm_zone_t  zone = {
        { "Z", 1 }, { "1", 1 }, changes, sizeof(changes) / sizeof(changes[0])
    };

    text = crm_str((const char *) data, size);

    if (crm_moment_parse(&m, text, &zone) == CRM_OK) {
        check(&m, &zone);
    }

    memset(&scope, 0, sizeof(crm_scope_t));
    scope.zone = &zone;
    scope.now_ms = 1774745999999LL;
    scope.week_start = (int) (size % 7);

    if (crm_predefined_parse(&token, text) == CRM_OK
        && crm_predefined_is_time(&token))
    {
        m = crm_predefined_moment(&token, &scope);
        check(&m, &zone);
    }

    return 0;
}


/* Years of four digits alone are read. */
static void
check(const crm_moment_t *m, const crm_zone_t *zone)
{
    char          text[CRM_MOMENT_LEN + 1];
    crm_moment_t  again;

    if (m->day < crm_date_days(0, 1, 1) || m->day > crm_date_days(9999, 12, 31))
    {
        return;
    }

    if (crm_moment_parse(&again, crm_moment_text(text, m, zone), zone)
        != CRM_OK || again.timed != m->timed || crm_moment_cmp(m, &again) != 0)
    {
        abort();
    }
}

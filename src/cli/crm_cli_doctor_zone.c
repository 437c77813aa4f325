/*
 * doctor: is the table of the organisation's time zone up to date?
 */

#include "crm_cli_doctor.h"
#include "crm_calendar.h"


void
crm_cli_doctor_zone(crm_cli_doctor_t *d)
{
    json_t       *zone;
    crm_str_t     here;
    const char   *name, *tzdata;

    zone = json_object_get(d->live.bundle, "time_zone");
    name = json_string_value(json_object_get(zone, "name"));
    tzdata = json_string_value(json_object_get(zone, "tzdata"));

    if (name == NULL || tzdata == NULL) {
        return;
    }

    /* versions are a year and a letter */

    here = crm_calendar_tzdata(d->cli->pool);

    if (here.data == NULL || crm_str_is(here, "unknown")
        || crm_str_cmp(crm_strz(tzdata), here) >= 0)
    {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "zone", NULL,
                "%s, by zone data %s", name, tzdata);
        return;
    }

    crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "zone",
            "apply the rules again",
            "the table of %s is of zone data %s, this machine has %.*s", name,
            tzdata, (int) here.len, here.data);
}

/*
 * kind: business_hours. The week of an organisation, and its holidays.
 */

#include "rules/crm_kind.h"

#include <stdlib.h>

#include "base/crm_limits.h"


static crm_status_t hours_week(crm_hours_t *hours, const json_t *json,
    crm_compile_t *cc);
static crm_status_t hours_span(crm_hours_span_t *span, const json_t *json,
    const char *path, crm_compile_t *cc);
static int hours_clock(int *s, crm_str_t text);
static crm_status_t hours_holidays(crm_hours_t *hours, const json_t *json,
    crm_compile_t *cc);
static int hours_cmp(const void *a, const void *b);


static const char *const  hours_types[] = {
    "24_by_7", "24_by_5", "custom", NULL
};

/* As crm_date_weekday() counts them. */
static const char *const  hours_days[] = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    "sunday", NULL
};

static const crm_key_t  hours_day_keys[] = {
    { "monday", CRM_KEY_TEXTS, 0, 2, 2, NULL, NULL,
      "from and to, such as [\"09:00\", \"18:00\"]" },
    { "tuesday", CRM_KEY_TEXTS, 0, 2, 2, NULL, NULL,
      "from and to, such as [\"09:00\", \"18:00\"]" },
    { "wednesday", CRM_KEY_TEXTS, 0, 2, 2, NULL, NULL,
      "from and to, such as [\"09:00\", \"18:00\"]" },
    { "thursday", CRM_KEY_TEXTS, 0, 2, 2, NULL, NULL,
      "from and to, such as [\"09:00\", \"18:00\"]" },
    { "friday", CRM_KEY_TEXTS, 0, 2, 2, NULL, NULL,
      "from and to, such as [\"09:00\", \"18:00\"]" },
    { "saturday", CRM_KEY_TEXTS, 0, 2, 2, NULL, NULL,
      "from and to, such as [\"09:00\", \"18:00\"]" },
    { "sunday", CRM_KEY_TEXTS, 0, 2, 2, NULL, NULL,
      "from and to, such as [\"09:00\", \"18:00\"]" },
    CRM_KEYS_END
};

static const crm_form_t  hours_day_forms[] = {
    { "days of work", hours_day_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_kind_business_hours_keys[] = {
    CRM_KEYS_HEAD,
    { "week_starts_on", CRM_KEY_WORD, 0, 0, 0, hours_days, NULL,
      "the first day of a week; default: monday" },
    { "type", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, hours_types, NULL,
      "every day, Monday to Friday, or the days given" },
    { "days", CRM_KEY_OBJECT, 0, 0, 0, NULL, hours_day_forms,
      "of custom: the hours of each day of work" },
    { "holidays", CRM_KEY_TEXTS, 0, 0, CRM_MAX_HOLIDAYS, NULL, NULL,
      "dates on which nobody works" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_business_hours(crm_build_t *b, const json_t *json)
{
    size_t        i;
    crm_str_t     start;
    crm_hours_t  *hours;
    crm_status_t  rc, holidays;

    hours = &b->rules->hours;
    b->rules->has_hours = 1;
    start = crm_shape_str(json_object_get(json, "week_starts_on"));

    for (i = 0; hours_days[i]; i++) {
        if (crm_str_is(start, hours_days[i])) {
            hours->week_start = (int) i;
        }
    }

    rc = hours_week(hours, json, &b->cc);
    holidays = hours_holidays(hours, json_object_get(json, "holidays"),
                              &b->cc);

    return holidays == CRM_OK ? rc : holidays;
}


static crm_status_t
hours_week(crm_hours_t *hours, const json_t *json, crm_compile_t *cc)
{
    size_t        i;
    crm_str_t     type;
    crm_status_t  rc;
    const json_t *days, *span;

    type = crm_shape_str(json_object_get(json, "type"));
    days = json_object_get(json, "days");

    if (!crm_str_is(type, "custom")) {
        if (days) {
            crm_findings_add(cc->findings, CRM_WARNING, cc->object, "days", 1,
                             "no_effect", NULL, "days has no effect unless"
                             " type is custom");
        }

        for (i = 0; i < 7; i++) {
            hours->week[i].from_s = 0;
            hours->week[i].to_s = i < 5 || crm_str_is(type, "24_by_7")
                                  ? (int) CRM_DATE_DAY_S : 0;
        }

        return CRM_OK;
    }

    if (json_object_size(days) == 0) {
        return crm_shape_error(cc, days ? "days" : "", "missing_key", "days",
                               "type \"custom\" needs days, such as"
                               " days: { monday: [\"09:00\", \"18:00\"] }");
    }

    rc = crm_shape_check(days, hours_day_keys, "days", "days", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < 7; i++) {
        hours->week[i].from_s = 0;
        hours->week[i].to_s = 0;
        span = json_object_get(days, hours_days[i]);

        if (span && hours_span(&hours->week[i], span,
                               crm_shape_path(cc, "days", hours_days[i]), cc)
                    != CRM_OK)
        {
            rc = CRM_EINVAL;
        }
    }

    return rc;
}


static crm_status_t
hours_span(crm_hours_span_t *span, const json_t *json, const char *path,
    crm_compile_t *cc)
{
    int        i, *clock;
    crm_str_t  text;

    for (i = 0; i < 2; i++) {
        clock = i == 0 ? &span->from_s : &span->to_s;
        text = crm_shape_str(json_array_get(json, (size_t) i));

        if (!hours_clock(clock, text)) {
            return crm_shape_error(cc, crm_shape_index(cc, path, (size_t) i),
                                   "wrong_value", NULL,
                                   "\"%s\" is no time of day, which is"
                                   " written \"09:00\", from 00:00 to 24:00",
                                   text.data);
        }
    }

    if (span->to_s <= span->from_s) {
        return crm_shape_error(cc, path, "wrong_value", NULL,
                               "the hours of a day must end after they begin,"
                               " at 24:00 at the latest");
    }

    return CRM_OK;
}


/* HH:MM */
static int
hours_clock(int *s, crm_str_t text)
{
    int  i, hour, minute;

    if (text.len != 5 || text.data[2] != ':') {
        return 0;
    }

    for (i = 0; i < 5; i++) {
        if (i != 2 && (text.data[i] < '0' || text.data[i] > '9')) {
            return 0;
        }
    }

    hour = (text.data[0] - '0') * 10 + text.data[1] - '0';
    minute = (text.data[3] - '0') * 10 + text.data[4] - '0';
    *s = hour * 3600 + minute * 60;

    return minute < 60 && *s <= CRM_DATE_DAY_S;
}


static crm_status_t
hours_holidays(crm_hours_t *hours, const json_t *json, crm_compile_t *cc)
{
    size_t        i;
    json_t       *item;
    crm_str_t     text;
    crm_status_t  rc;

    if (json_array_size(json) == 0) {
        return CRM_OK;
    }

    hours->holidays = crm_pool_calloc(cc->pool, json_array_size(json),
                                      sizeof(long long));
    if (hours->holidays == NULL) {
        return CRM_ENOMEM;
    }

    rc = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        text = crm_shape_str(item);

        if (text.len != CRM_DATE_LEN
            || crm_date_read(&hours->holidays[i], text) != CRM_OK)
        {
            rc = crm_shape_error(cc, crm_shape_index(cc, "holidays", i),
                                 "wrong_value", NULL, "a holiday must be a"
                                 " date that exists, such as 2026-12-25");
        }
    }

    hours->holidays_count = json_array_size(json);
    qsort(hours->holidays, hours->holidays_count, sizeof(long long),
          hours_cmp);

    return rc;
}


static int
hours_cmp(const void *a, const void *b)
{
    long long  x = *(const long long *) a;
    long long  y = *(const long long *) b;

    return x < y ? -1 : x > y;
}

/*
 * kind: schedule. A function that a clock calls, without a record.
 */

#include "rules/crm_schedule.h"


static crm_status_t schedule_call(crm_schedule_t *schedule,
    const json_t *json, const crm_library_t *library, crm_compile_t *cc);
static crm_status_t schedule_start(crm_schedule_t *schedule,
    const json_t *json, crm_compile_t *cc);
static crm_status_t schedule_frequency(crm_schedule_t *schedule,
    const json_t *json, crm_compile_t *cc);
static crm_status_t frequency_custom(crm_schedule_t *schedule,
    const json_t *json, crm_compile_t *cc);
static crm_status_t frequency_on_day(crm_schedule_t *schedule,
    const json_t *json, crm_compile_t *cc);
static crm_status_t frequency_on_month(crm_schedule_t *schedule,
    const json_t *json, crm_compile_t *cc);
static crm_status_t schedule_end(crm_schedule_t *schedule,
    const json_t *json, crm_compile_t *cc);
static int word_index(const json_t *json, const char *const *words);


/* By crm_frequency_t. */
static const char *const  frequencies[] = {
    "once", "hourly", "daily", "weekly", "monthly", "yearly", NULL
};

/* The same from its second on. */
static const char *const  periods[] = {
    "hour", "day", "week", "month", "year", NULL
};

/* As of crm_date_weekday(). */
static const char *const  weekdays[] = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    "sunday", NULL
};

static const char *const  misfires[] = { "run_once", "skip", "run_all", NULL };
static const char *const  overlaps[] = { "skip", "queue", NULL };
static const char *const  ends[] = { "never", NULL };
static const char *const  statuses[] = { "on", "off", NULL };

static const crm_key_t  frequency_keys[] = {
    { "every", CRM_KEY_INTEGER, 0, 1, 1000, NULL, NULL,
      "how many periods lie between two runs; default 1" },
    { "period", CRM_KEY_WORD, CRM_KEY_REQUIRED, 0, 0, periods, NULL,
      "hours, days, weeks, months or years" },
    { "on_day", CRM_KEY_ANY, 0, 0, 0, NULL, NULL,
      "of a week: monday to sunday; of a month or year: 1 to 31" },
    { "on_month", CRM_KEY_INTEGER, 0, 1, 12, NULL, NULL,
      "of a year: 1 to 12" },
    CRM_KEYS_END
};

static const crm_form_t  frequency_forms[] = {
    { "frequency", frequency_keys, NULL },
    CRM_FORMS_END
};

static const crm_key_t  end_keys[] = {
    { "after_runs", CRM_KEY_INTEGER, 0, 1, 1000000, NULL, NULL,
      "the number of its runs" },
    { "on", CRM_KEY_TEXT, 0, 0, 0, NULL, NULL,
      "its last day, such as 2027-06-30" },
    CRM_KEYS_END
};

static const crm_form_t  end_forms[] = {
    { "end", end_keys, NULL },
    CRM_FORMS_END
};

const crm_key_t  crm_schedule_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "for people, and for crmctl schedules" },
    { "function", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "the function to call" },
    { "arguments", CRM_KEY_OBJECT, CRM_KEY_NULLABLE, 0, 0, NULL, NULL,
      "what it is called with; there is no record to merge" },
    { "start", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the first run, such as 2026-12-01T02:00, by the organisation's clocks"
    },
    { "frequency", CRM_KEY_ANY, CRM_KEY_REQUIRED | CRM_KEY_OR_TEXT, 0, 0,
      frequencies, frequency_forms, "how often" },
    { "end", CRM_KEY_ANY, CRM_KEY_OR_TEXT, 0, 0, ends, end_forms,
      "how long; default never" },
    { "misfire", CRM_KEY_WORD, 0, 0, 0, misfires, NULL,
      "what becomes of missed runs: run_once (default), skip, run_all" },
    { "overlap", CRM_KEY_WORD, 0, 0, 0, overlaps, NULL,
      "of a run that is due while one goes on: skip (default) or queue" },
    { "runs_now", CRM_KEY_INTEGER, 0, 0, 1000, NULL, NULL,
      "how often a day crmctl schedules run may start it; default 2" },
    { "status", CRM_KEY_WORD, 0, 0, 0, statuses, NULL,
      "on (default) or off" },
    CRM_KEYS_END
};


crm_status_t
crm_schedule_parse(crm_schedule_t *schedule, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    size_t         i;
    crm_status_t   rc, all;
    const json_t  *now;

    static crm_status_t  (*const steps[])(crm_schedule_t *, const json_t *,
                                          crm_compile_t *) = {
        schedule_start, schedule_frequency, schedule_end
    };

    if (crm_shape_copy(&schedule->name, json_object_get(json, "name"),
                       cc->pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    schedule->misfire = (crm_misfire_t) word_index(json_object_get(json,
                                                   "misfire"), misfires);
    schedule->overlap = (crm_overlap_t) word_index(json_object_get(json,
                                                   "overlap"), overlaps);
    schedule->off = word_index(json_object_get(json, "status"), statuses);
    now = json_object_get(json, "runs_now");
    schedule->runs_now = now ? (unsigned) json_integer_value(now)
                             : CRM_SCHEDULE_RUNS_NOW;

    all = schedule_call(schedule, json, library, cc);

    for (i = 0; all != CRM_ENOMEM && i < sizeof(steps) / sizeof(steps[0]);
         i++)
    {
        rc = steps[i](schedule, json, cc);
        if (rc != CRM_OK) {
            all = rc;
        }
    }

    return all;
}


static crm_status_t
schedule_call(crm_schedule_t *schedule, const json_t *json,
    const crm_library_t *library, crm_compile_t *cc)
{
    crm_str_t         name;
    crm_map_entry_t  *entry;

    name = crm_shape_str(json_object_get(json, "function"));

    entry = crm_map_find(&library->functions, name);
    if (entry == NULL) {
        return crm_shape_reference(cc, "function", &library->functions,
                                   "function", name);
    }

    return crm_function_call_parse(&schedule->call, entry->value,
                          json_object_get(json, "arguments"), "arguments",
                          cc);
}


static crm_status_t
schedule_start(crm_schedule_t *schedule, const json_t *json,
    crm_compile_t *cc)
{
    if (crm_moment_parse(&schedule->start,
                         crm_shape_str(json_object_get(json, "start")),
                         cc->zone) == CRM_OK)
    {
        return CRM_OK;
    }

    return crm_shape_error(cc, "start", "wrong_value", NULL,
                           "start must be a day and a time, such as"
                           " 2026-12-01T02:00");
}


static crm_status_t
schedule_frequency(crm_schedule_t *schedule, const json_t *json,
    crm_compile_t *cc)
{
    int          i;
    const char  *near;

    schedule->every = 1;
    schedule->on_day = -1;
    schedule->on_month = -1;

    json = json_object_get(json, "frequency");

    if (json_is_object(json)) {
        return frequency_custom(schedule, json, cc);
    }

    i = word_index(json, frequencies);

    if (i || crm_str_is(crm_shape_str(json), frequencies[0])) {
        schedule->frequency = (crm_frequency_t) i;
        return CRM_OK;
    }

    near = json_is_string(json)
           ? crm_shape_nearest(json_string_value(json), frequencies) : NULL;

    return crm_shape_error(cc, "frequency", "unknown_word", near,
                           "frequency must be once, hourly, daily, weekly,"
                           " monthly, yearly, or a map such as { every: 1,"
                           " period: month, on_day: 15 }");
}


static crm_status_t
frequency_custom(crm_schedule_t *schedule, const json_t *json,
    crm_compile_t *cc)
{
    crm_status_t   rc, month;
    const json_t  *every;

    rc = crm_shape_check(json, frequency_keys, "frequency", "frequency", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    every = json_object_get(json, "every");
    schedule->every = every ? (unsigned) json_integer_value(every) : 1;
    schedule->frequency = (crm_frequency_t)
                          (word_index(json_object_get(json, "period"),
                                      periods) + CRM_FREQUENCY_HOUR);

    rc = frequency_on_day(schedule, json_object_get(json, "on_day"), cc);
    month = frequency_on_month(schedule, json_object_get(json, "on_month"),
                               cc);

    return month == CRM_OK ? rc : month;
}


static crm_status_t
frequency_on_day(crm_schedule_t *schedule, const json_t *json,
    crm_compile_t *cc)
{
    int        i;
    long long  n;

    if (json == NULL) {
        return CRM_OK;
    }

    if (schedule->frequency == CRM_FREQUENCY_WEEK) {
        i = word_index(json, weekdays);

        if (i || crm_str_is(crm_shape_str(json), weekdays[0])) {
            schedule->on_day = i;
            return CRM_OK;
        }

        return crm_shape_error(cc, "frequency.on_day", "wrong_value", NULL,
                               "on_day of a week must be monday, tuesday,"
                               " wednesday, thursday, friday, saturday or"
                               " sunday");
    }

    if (schedule->frequency != CRM_FREQUENCY_MONTH
        && schedule->frequency != CRM_FREQUENCY_YEAR)
    {
        return crm_shape_error(cc, "frequency.on_day", "wrong_value", NULL,
                               "on_day is for weeks, months and years");
    }

    n = json_integer_value(json);

    if (!json_is_integer(json) || n < 1 || n > 31) {
        return crm_shape_error(cc, "frequency.on_day", "wrong_value", NULL,
                               "on_day of a month or year must be a whole"
                               " number from 1 to 31; shorter months run on"
                               " their last day");
    }

    schedule->on_day = (int) n;

    return CRM_OK;
}


static crm_status_t
frequency_on_month(crm_schedule_t *schedule, const json_t *json,
    crm_compile_t *cc)
{
    if (json == NULL) {
        return CRM_OK;
    }

    if (schedule->frequency != CRM_FREQUENCY_YEAR) {
        return crm_shape_error(cc, "frequency.on_month", "wrong_value", NULL,
                               "on_month is for years");
    }

    schedule->on_month = (int) json_integer_value(json);

    if (schedule->on_day > crm_date_month_days(2000, schedule->on_month)) {
        return crm_shape_error(cc, "frequency.on_day", "wrong_value", NULL,
                               "month %d has no day %d", schedule->on_month,
                               schedule->on_day);
    }

    return CRM_OK;
}


static crm_status_t
schedule_end(crm_schedule_t *schedule, const json_t *json, crm_compile_t *cc)
{
    crm_status_t   rc;
    const json_t  *runs, *on;

    json = json_object_get(json, "end");

    if (json == NULL || crm_str_is(crm_shape_str(json), ends[0])) {
        return CRM_OK;
    }

    if (!json_is_object(json)) {
        return crm_shape_error(cc, "end", "unknown_word", "never",
                               "end must be never, { after_runs: 10 } or"
                               " { on: 2027-06-30 }");
    }

    rc = crm_shape_check(json, end_keys, "end", "end", cc);
    if (rc != CRM_OK) {
        return rc;
    }

    runs = json_object_get(json, "after_runs");
    on = json_object_get(json, "on");

    if ((runs != NULL) + (on != NULL) != 1) {
        return crm_shape_error(cc, "end", "missing_key", "after_runs",
                               "end has one of: after_runs, on");
    }

    schedule->runs = json_integer_value(runs);
    schedule->has_until = on != NULL;

    if (on == NULL) {
        return CRM_OK;
    }

    if (crm_moment_parse(&schedule->until, crm_shape_str(on), cc->zone)
        != CRM_OK)
    {
        return crm_shape_error(cc, "end.on", "wrong_value", NULL,
                               "on must be a day, such as 2027-06-30");
    }

    return crm_moment_cmp(&schedule->until, &schedule->start) >= 0 ? CRM_OK
           : crm_shape_error(cc, "end.on", "wrong_value", NULL,
                             "a schedule cannot end before its start");
}


/* Of a word that is there; 0 of any other. */
static int
word_index(const json_t *json, const char *const *words)
{
    int  i;

    for (i = 0; words[i]; i++) {
        if (crm_str_is(crm_shape_str(json), words[i])) {
            return i;
        }
    }

    return 0;
}

/*
 * How long: { unit: 2, period: business_days }.
 */

#include "rules/crm_duration.h"


static crm_status_t duration_period(crm_interval_t *duration,
    const json_t *json, unsigned periods, const char *path,
    crm_compile_t *cc);


/* By crm_period_t: the most is ten years, which nobody waits for. */
static const struct {
    const char  *name;
    long long    max;
} duration_rows[] = {
    { "minutes", 5256000 },
    { "hours", 87600 },
    { "business_hours", 87600 },
    { "days", 3650 },
    { "business_days", 3650 },
    { "weeks", 520 },
    { "months", 120 },
    { "years", 10 },
};

#define DURATION_ROWS  (sizeof(duration_rows) / sizeof(duration_rows[0]))

static const char *const  all_names[] = {
    "minutes", "hours", "business_hours", "days", "business_days", "weeks",
    "months", "years", NULL
};

static const char *const  day_names[] = {
    "days", "business_days", "weeks", "months", "years", NULL
};

static const crm_key_t  duration_keys[] = {
    { "unit", CRM_KEY_INTEGER, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "how many" },
    { "period", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, all_names, NULL,
      "of what" },
    CRM_KEYS_END
};

static const crm_key_t  day_keys[] = {
    { "unit", CRM_KEY_INTEGER, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "how many" },
    { "period", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, day_names, NULL,
      "of what" },
    CRM_KEYS_END
};

const crm_form_t  crm_duration_forms[] = {
    { "duration", duration_keys, NULL },
    CRM_FORMS_END
};

const crm_form_t  crm_duration_day_forms[] = {
    { "duration of days", day_keys, NULL },
    CRM_FORMS_END
};


crm_status_t
crm_duration_parse(crm_interval_t *duration, const json_t *json,
    unsigned periods, const char *what, const char *path, crm_compile_t *cc)
{
    crm_status_t  rc;

    rc = crm_shape_check(json, duration_keys, what, path, cc);

    return rc == CRM_OK ? crm_duration_read(duration, json, periods, 0, path,
                                            cc) : rc;
}


crm_status_t
crm_duration_read(crm_interval_t *duration, const json_t *json,
    unsigned periods, int is_signed, const char *path, crm_compile_t *cc)
{
    long long      max, min;
    crm_status_t   rc;
    const json_t  *unit;

    rc = duration_period(duration, json_object_get(json, "period"), periods,
                         crm_shape_path(cc, path, "period"), cc);
    if (rc != CRM_OK) {
        return rc;
    }

    unit = json_object_get(json, "unit");
    duration->unit = json_integer_value(unit);

    max = duration_rows[duration->period].max;
    min = is_signed ? -max : 0;

    if (unit && (!json_is_integer(unit) || duration->unit < min
                 || duration->unit > max))
    {
        return crm_shape_error(cc, crm_shape_path(cc, path, "unit"),
                               "wrong_value", NULL,
                               "unit must be a whole number from %lld to %lld"
                               " for %s", min, max,
                               duration_rows[duration->period].name);
    }

    return CRM_OK;
}


static crm_status_t
duration_period(crm_interval_t *duration, const json_t *json,
    unsigned periods, const char *path, crm_compile_t *cc)
{
    size_t       i, n;
    crm_str_t    name;
    crm_buf_t    list;
    const char  *names[DURATION_ROWS + 1], *near;

    name = json ? crm_shape_str(json) : CRM_STR("days");

    if (crm_str_is(name, "b_days")) {
        name = CRM_STR("business_days");        /* as the vendor has it */
    }

    crm_buf_init(&list, cc->pool, 0);
    n = 0;

    for (i = 0; i < DURATION_ROWS; i++) {
        if (!(periods & CRM_PERIOD_BIT(i))) {
            continue;
        }

        if (crm_str_is(name, duration_rows[i].name)) {
            duration->period = (crm_period_t) i;
            return CRM_OK;
        }

        crm_buf_puts(&list, n ? ", " : "");
        crm_buf_puts(&list, duration_rows[i].name);
        names[n++] = duration_rows[i].name;
    }

    names[n] = NULL;
    crm_buf_putc(&list, '\0');

    if (crm_buf_status(&list) != CRM_OK) {
        return CRM_ENOMEM;
    }

    near = name.len ? crm_shape_nearest(name.data, names) : NULL;

    return crm_shape_error(cc, path, "unknown_word", near,
                           "period must be one of: %s", list.data);
}

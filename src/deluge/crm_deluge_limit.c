/*
 * How a run ends early: what a script may catch, and limits, which it may not.
 * Texts are made here, so that none is longer than it may be.
 */

#include "crm_deluge_run.h"
#include "crm_deluge_utf8.h"

#include <stdarg.h>
#include <stdio.h>


/* Eleven million years either way. */
#define LIMIT_DAYS  4000000000LL


static void limit_fail(crm_deluge_run_t *run, crm_deluge_place_t place,
    const char *fmt, va_list args);


void
crm_deluge_limits_init(crm_deluge_limits_t *limits)
{
    limits->statements = CRM_DELUGE_STATEMENTS;
    limits->calls = CRM_DELUGE_CALLS;
    limits->depth = CRM_DELUGE_DEPTH;
    limits->text = CRM_DELUGE_TEXT_MAX;
    limits->log = CRM_DELUGE_LOG_MAX;
    limits->effects = CRM_DELUGE_EFFECTS;
}


crm_status_t
crm_deluge_throw(crm_deluge_run_t *run, crm_deluge_place_t place,
    const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    limit_fail(run, place, fmt, args);
    va_end(args);

    return CRM_EINVAL;
}


crm_status_t
crm_deluge_limit(crm_deluge_run_t *run, crm_deluge_place_t place,
    const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    limit_fail(run, place, fmt, args);
    va_end(args);

    return CRM_ELIMIT;
}


crm_status_t
crm_deluge_memory(crm_deluge_run_t *run, crm_deluge_place_t place)
{
    return crm_deluge_limit(run, place,
                            "the values of the script need too much memory");
}


crm_status_t
crm_deluge_enter(crm_deluge_run_t *run, crm_deluge_place_t place)
{
    if (run->depth == run->limits->depth) {
        return crm_deluge_limit(run, place,
                   "blocks, expressions and functions stand in each other"
                   " more than %u deep", run->limits->depth);
    }

    run->depth++;

    return CRM_OK;
}


size_t
crm_deluge_budget(const crm_deluge_run_t *run)
{
    return (run->limits->statements - run->statements + 1) * CRM_DELUGE_STEPS
           - 1;
}


crm_status_t
crm_deluge_spend(crm_deluge_run_t *run, crm_deluge_place_t place, size_t steps)
{
    run->statements += steps / CRM_DELUGE_STEPS;

    return run->statements <= run->limits->statements ? CRM_OK
           : crm_deluge_limit(run, place,
                              "more than %zu statements were executed",
                              run->limits->statements);
}


static void
limit_fail(crm_deluge_run_t *run, crm_deluge_place_t place, const char *fmt,
    va_list args)
{
    run->err->place = place;

    (void) vsnprintf(run->err->text, sizeof(run->err->text), fmt, args);
    crm_deluge_utf8_mend(run->err->text);
}


crm_status_t
crm_deluge_check(crm_deluge_run_t *run, crm_deluge_place_t place,
    crm_status_t rc)
{
    switch (rc) {

    case CRM_OK:
        return CRM_OK;

    case CRM_ELIMIT:
        return crm_deluge_limit(run, place,
                   "a LIST or KEY-VALUE has %d members at most",
                   CRM_DELUGE_ITEMS);

    default:
        return crm_deluge_memory(run, place);
    }
}


void
crm_deluge_buf(crm_deluge_run_t *run, crm_buf_t *buf)
{
    crm_buf_init(buf, run->pool, run->limits->text);
}


crm_status_t
crm_deluge_buf_end(crm_deluge_run_t *run, crm_deluge_place_t place,
    crm_buf_t *buf, crm_deluge_value_t *v)
{
    switch (crm_buf_status(buf)) {

    case CRM_OK:
        *v = crm_deluge_text(crm_buf_view(buf));
        return CRM_OK;

    case CRM_ELIMIT:
        return crm_deluge_limit(run, place,
                   "a TEXT has %zu bytes at most, and nothing nests deeper"
                   " than %d", run->limits->text, CRM_DELUGE_NESTING);

    default:
        return crm_deluge_memory(run, place);
    }
}


crm_status_t
crm_deluge_to_moment(crm_deluge_run_t *run, crm_deluge_place_t place,
    crm_deluge_type_t type, long long n, crm_deluge_value_t *v)
{
    long long  days;

    days = type == CRM_DELUGE_DATE ? n : n / CRM_DATE_DAY_S;

    if (days > LIMIT_DAYS || days < -LIMIT_DAYS) {
        return crm_deluge_throw(run, place,
                                "the date is too far away from now");
    }

    *v = crm_deluge_moment(type, n);

    return CRM_OK;
}


int
crm_deluge_offset(const crm_deluge_run_t *run, const crm_deluge_value_t *v)
{
    return crm_zone_offset(run->host->zone,
                           v->type == CRM_DELUGE_DATETIME
                           ? v->u.number : run->host->now_ms / 1000);
}


crm_status_t
crm_deluge_to_text(crm_deluge_run_t *run, crm_deluge_place_t place,
    const crm_deluge_value_t *v, crm_str_t *text)
{
    crm_buf_t           buf;
    crm_status_t        rc;
    crm_deluge_value_t  written;

    if (v->type == CRM_DELUGE_TEXT) {
        *text = v->u.text;
        return CRM_OK;
    }

    crm_deluge_buf(run, &buf);
    crm_deluge_write(&buf, v, run->host->zone);

    rc = crm_deluge_buf_end(run, place, &buf, &written);

    if (rc == CRM_OK) {
        *text = written.u.text.data ? written.u.text : CRM_STR("");
    }

    return rc;
}

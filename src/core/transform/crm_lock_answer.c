/*
 * What calls on the lock of a record are answered.
 */

#include "transform/crm_lock_answer.h"


static crm_status_t answer_with(crm_called_t *called, unsigned status,
    const crm_buf_t *buf);
static void answer_vendor(crm_buf_t *buf, const crm_write_t *write,
    const crm_manual_t *manual, const char *message);
static void answer_entry(crm_buf_t *buf, const crm_write_t *write,
    const crm_lock_hold_t *held);
static void answer_person(crm_buf_t *buf, const crm_manual_t *manual);
static void answer_plain(crm_buf_t *buf, const crm_lock_hold_t *held);
static const char *answer_source(const crm_lock_hold_t *held);


crm_status_t
crm_lock_answer_none(crm_called_t *called)
{
    called->status = 200;
    called->answer = CRM_STR("{\"locked\":false}");

    return CRM_OK;
}


crm_status_t
crm_lock_answer_empty(crm_called_t *called)
{
    called->status = 204;

    return CRM_OK;
}


crm_status_t
crm_lock_answer_hold(crm_called_t *called, const crm_write_t *write,
    const crm_lock_hold_t *held)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, write->pool, 0);

    if (write->call->vendor) {
        crm_buf_puts(&buf, "{\"data\":[");
        answer_entry(&buf, write, held);
        crm_buf_puts(&buf, "],\"info\":{\"per_page\":200,\"count\":1,"
                           "\"page\":1,\"more_records\":false}}");
    } else {
        answer_plain(&buf, held);
    }

    return answer_with(called, 200, &buf);
}


crm_status_t
crm_lock_answer_laid(crm_called_t *called, const crm_write_t *write,
    const crm_manual_t *manual, int put)
{
    crm_buf_t        buf;
    crm_lock_hold_t  held;

    crm_buf_init(&buf, write->pool, 0);

    if (write->call->vendor) {
        answer_vendor(&buf, write, manual, put ? "record updated"
                                               : "record added");
    } else {
        memset(&held, 0, sizeof(crm_lock_hold_t));
        held.by_hand = 1;
        held.manual = *manual;
        held.manual.confirmed = 1;
        answer_plain(&buf, &held);
    }

    return answer_with(called, put ? 200 : 201, &buf);
}


crm_status_t
crm_lock_answer_gone(crm_called_t *called, const crm_write_t *write,
    const crm_manual_t *manual)
{
    crm_buf_t  buf;

    if (!write->call->vendor) {
        return crm_lock_answer_empty(called);
    }

    crm_buf_init(&buf, write->pool, 0);
    crm_buf_puts(&buf, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":"
                       "{\"id\":");
    crm_buf_json(&buf, manual->id);
    crm_buf_puts(&buf, "},\"message\":\"relation removed\","
                       "\"status\":\"success\"}]}");

    return answer_with(called, 200, &buf);
}


static crm_status_t
answer_with(crm_called_t *called, unsigned status, const crm_buf_t *buf)
{
    called->status = status;
    called->answer = crm_buf_view(buf);

    return crm_buf_status(buf);
}


static void
answer_vendor(crm_buf_t *buf, const crm_write_t *write,
    const crm_manual_t *manual, const char *message)
{
    const crm_zone_t  *zone;

    zone = crm_ruleset_zone(write->rules);

    crm_buf_puts(buf, "{\"data\":[{\"code\":\"SUCCESS\",\"details\":{"
                      "\"Modified_Time\":\"");
    crm_call_time(buf, write->now_ms, zone);
    crm_buf_puts(buf, "\",\"Modified_By\":{\"name\":");
    crm_buf_json(buf, write->actor.name);
    crm_buf_puts(buf, ",\"id\":");
    crm_buf_json(buf, write->actor.id);
    crm_buf_puts(buf, "},\"Created_Time\":\"");
    crm_call_time(buf, manual->at_ms, zone);
    crm_buf_puts(buf, "\",\"id\":");
    crm_buf_json(buf, manual->id);
    crm_buf_puts(buf, ",\"Created_By\":");
    answer_person(buf, manual);
    crm_buf_puts(buf, "},\"message\":\"");
    crm_buf_puts(buf, message);
    crm_buf_puts(buf, "\",\"status\":\"success\"}]}");
}


/* As the vendor's list shows it. */
static void
answer_entry(crm_buf_t *buf, const crm_write_t *write,
    const crm_lock_hold_t *held)
{
    crm_buf_puts(buf, "{\"id\":");
    crm_buf_json(buf, held->by_hand ? held->manual.id
                                    : CRM_STR(CRM_LOCK_AUTOMATIC_ID));
    crm_buf_puts(buf, ",\"Lock_Source__s\":\"");
    crm_buf_puts(buf, answer_source(held));
    crm_buf_puts(buf, "\",\"Locked_For__s\":\"");
    crm_buf_puts(buf, held->locking->profiles_count
                      ? "all_profiles_except_excluded_profiles"
                      : "all_profiles");
    crm_buf_puts(buf, "\",\"Locked_By__s\":");

    if (held->by_hand) {
        answer_person(buf, &held->manual);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Locked_Reason__s\":");

    if (held->by_hand) {
        crm_buf_json(buf, held->manual.reason);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Locked_Time__s\":");

    if (held->by_hand) {
        crm_buf_putc(buf, '"');
        crm_call_time(buf, held->manual.at_ms,
                      crm_ruleset_zone(write->rules));
        crm_buf_putc(buf, '"');
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Record_Locking_Configuration_Id__s\":");
    crm_buf_json(buf, write->module->name);
    crm_buf_puts(buf, ",\"Record_Locking_Rule_Id__s\":");

    if (held->rule) {
        crm_buf_json(buf, held->rule->name);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"Feature_Type__s\":\"record_locking\"}");
}


static void
answer_person(crm_buf_t *buf, const crm_manual_t *manual)
{
    crm_buf_puts(buf, "{\"name\":");
    crm_buf_json(buf, manual->name);
    crm_buf_puts(buf, ",\"id\":");
    crm_buf_json(buf, manual->by);
    crm_buf_putc(buf, '}');
}


/* As crm_api shows it. */
static void
answer_plain(crm_buf_t *buf, const crm_lock_hold_t *held)
{
    char  at[CRM_TIME_ISO_LEN + 1];

    crm_buf_puts(buf, "{\"locked\":true,\"source\":");
    crm_buf_puts(buf, !held->by_hand ? "\"automatic\""
                      : held->rule ? "\"both\"" : "\"manual\"");
    crm_buf_puts(buf, ",\"rule\":");

    if (held->rule) {
        crm_buf_json(buf, held->rule->name);
    } else {
        crm_buf_puts(buf, "null");
    }

    if (!held->by_hand) {
        crm_buf_puts(buf, ",\"reason\":null,\"by\":null,\"at\":null,"
                          "\"event\":null}");
        return;
    }

    crm_buf_puts(buf, ",\"reason\":");
    crm_buf_json(buf, held->manual.reason);
    crm_buf_puts(buf, ",\"by\":");
    crm_buf_json(buf, held->manual.by);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_json(buf, crm_time_iso(at, held->manual.at_ms));
    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, held->manual.event);

    if (!held->manual.confirmed) {
        crm_buf_puts(buf, ",\"confirmed\":false");
    }

    crm_buf_putc(buf, '}');
}


static const char *
answer_source(const crm_lock_hold_t *held)
{
    return !held->by_hand ? "Automatic" : held->rule ? "Both" : "Manual";
}

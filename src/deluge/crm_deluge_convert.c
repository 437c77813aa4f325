/*
 * Functions of any value: what it is, and what it becomes.
 */

#include "crm_deluge_moment.h"
#include "crm_deluge_run.h"


static crm_status_t
convert_boolean(crm_deluge_call_t *call, int boolean)
{
    *call->result = crm_deluge_boolean(boolean);

    return CRM_OK;
}


static crm_status_t
convert_is_null(crm_deluge_call_t *call)
{
    return convert_boolean(call, call->args[0].type == CRM_DELUGE_NULL);
}


static crm_status_t
convert_is_empty(crm_deluge_call_t *call)
{
    return convert_boolean(call, crm_deluge_is_empty(&call->args[0]));
}


/* Empty, or blanks alone. */
static crm_status_t
convert_is_blank(crm_deluge_call_t *call)
{
    size_t     i;
    crm_str_t  s;

    if (call->args[0].type != CRM_DELUGE_TEXT) {
        return convert_is_empty(call);
    }

    s = call->args[0].u.text;

    for (i = 0; i < s.len && s.data[i] && strchr(" \t\r\n", s.data[i]); i++) {
        /* void */
    }

    return convert_boolean(call, i == s.len);
}


static crm_status_t
convert_is_number(crm_deluge_call_t *call)
{
    crm_deluge_decimal_t       d;
    const crm_deluge_value_t  *v;

    v = &call->args[0];

    return convert_boolean(call, v->type == CRM_DELUGE_NUMBER
               || v->type == CRM_DELUGE_DECIMAL
               || (v->type == CRM_DELUGE_TEXT
                   && crm_deluge_decimal_parse(&d, v->u.text) == CRM_OK));
}


static crm_status_t
convert_is_text(crm_deluge_call_t *call)
{
    return convert_boolean(call, call->args[0].type == CRM_DELUGE_TEXT);
}


static crm_status_t
convert_is_date(crm_deluge_call_t *call)
{
    crm_deluge_value_t         moment;
    const crm_deluge_value_t  *v;

    v = &call->args[0];

    return convert_boolean(call, v->type == CRM_DELUGE_DATE
               || v->type == CRM_DELUGE_DATETIME
               || (v->type == CRM_DELUGE_TEXT
                   && crm_deluge_moment_read(&moment, v->u.text,
                                             call->run->host->zone) == CRM_OK
                   && moment.type != CRM_DELUGE_TIME));
}


/* ifnull(value, instead) */
static crm_status_t
convert_ifnull(crm_deluge_call_t *call)
{
    *call->result = call->args[call->args[0].type == CRM_DELUGE_NULL ? 1 : 0];

    return CRM_OK;
}


/* if(condition, then, else) */
static crm_status_t
convert_if(crm_deluge_call_t *call)
{
    *call->result = call->args[call->args[0].u.boolean ? 1 : 2];

    return CRM_OK;
}


static crm_status_t
convert_text(crm_deluge_call_t *call)
{
    crm_str_t     text;
    crm_status_t  rc;

    rc = crm_deluge_to_text(call->run, call->place, &call->args[0], &text);

    if (rc == CRM_OK) {
        *call->result = crm_deluge_text(text);
    }

    return rc;
}


/* A decimal, or the error that this is none. */
static crm_status_t
convert_parse(crm_deluge_call_t *call, crm_deluge_decimal_t *d)
{
    crm_str_t                  s;
    const crm_deluge_value_t  *v;

    v = &call->args[0];

    if (crm_deluge_to_decimal(d, v) == CRM_OK) {
        return CRM_OK;
    }

    if (v->type == CRM_DELUGE_BOOLEAN) {
        *d = crm_deluge_decimal(v->u.boolean);
        return CRM_OK;
    }

    if (v->type != CRM_DELUGE_TEXT) {
        return crm_deluge_throw(call->run, call->place,
                   "%s cannot be made a number",
                   crm_deluge_type_name(v->type));
    }

    s = v->u.text;

    while (s.len && s.data[0] == ' ') {
        s.data++;
        s.len--;
    }

    while (s.len && s.data[s.len - 1] == ' ') {
        s.len--;
    }

    if (s.len && crm_deluge_decimal_parse(d, s) == CRM_OK) {
        return CRM_OK;
    }

    return crm_deluge_throw(call->run, call->place,
               "\"%.*s\" cannot be made a number",
               s.len > 40 ? 40 : (int) s.len, s.data);
}


/* Whole: what is behind the point is cut. */
static crm_status_t
convert_number(crm_deluge_call_t *call)
{
    long long             n;
    crm_status_t          rc;
    crm_deluge_decimal_t  d;

    rc = convert_parse(call, &d);
    if (rc != CRM_OK) {
        return rc;
    }

    if (!crm_deluge_decimal_whole(
            crm_deluge_decimal_round(d, 0, CRM_DELUGE_ROUND_CUT), &n))
    {
        return crm_deluge_throw(call->run, call->place,
                                "the number does not fit 64 bits");
    }

    *call->result = crm_deluge_number(n);

    return CRM_OK;
}


static crm_status_t
convert_decimal(crm_deluge_call_t *call)
{
    crm_status_t          rc;
    crm_deluge_decimal_t  d;

    rc = convert_parse(call, &d);

    if (rc == CRM_OK && crm_deluge_from_decimal(call->result, d,
                                                call->run->pool) != CRM_OK)
    {
        return crm_deluge_memory(call->run, call->place);
    }

    return rc;
}


/* toDate(text[, format]), toTime(text[, format]) */
static crm_status_t
convert_moment(crm_deluge_call_t *call, int date)
{
    crm_str_t            s;
    crm_status_t         rc;
    crm_deluge_value_t  *v;
    const crm_zone_t    *zone;

    v = call->result;
    s = call->args[0].u.text;
    zone = call->run->host->zone;

    rc = call->count > 1
         ? crm_deluge_moment_parse(v, s, call->args[1].u.text, zone)
         : crm_deluge_moment_read(v, s, zone);

    if (rc != CRM_OK || (date && v->type == CRM_DELUGE_TIME)) {
        return crm_deluge_throw(call->run, call->place,
                   "\"%.*s\" cannot be made a %s",
                   s.len > 40 ? 40 : (int) s.len, s.data,
                   date ? "DATE" : "DATE-TIME");
    }

    if (date && v->type == CRM_DELUGE_DATETIME) {
        *v = crm_deluge_moment(CRM_DELUGE_DATE,
                               crm_zone_day(zone, v->u.number));

    } else if (!date && v->type == CRM_DELUGE_DATE) {
        *v = crm_deluge_moment(CRM_DELUGE_DATETIME,
                 crm_zone_utc(zone, v->u.number * CRM_DATE_DAY_S));
    }

    return CRM_OK;
}


static crm_status_t
convert_to_date(crm_deluge_call_t *call)
{
    return convert_moment(call, 1);
}


static crm_status_t
convert_to_time(crm_deluge_call_t *call)
{
    return convert_moment(call, 0);
}


/* Of a number: milliseconds since 1970. */
static crm_status_t
convert_epoch(crm_deluge_call_t *call)
{
    return crm_deluge_to_moment(call->run, call->place, CRM_DELUGE_DATETIME,
                                call->args[0].u.number / 1000, call->result);
}


/* toMap(), toJSONList(), toJSON(): text that is JSON becomes what it says. */
static crm_status_t
convert_json(crm_deluge_call_t *call)
{
    switch (crm_deluge_json(call->result, call->args[0].u.text,
                            call->run->pool))
    {

    case CRM_OK:
        return CRM_OK;

    case CRM_EINVAL:
        return crm_deluge_throw(call->run, call->place,
                                "the TEXT is no JSON");

    case CRM_ELIMIT:
        return crm_deluge_throw(call->run, call->place,
                   "the JSON nests deeper than %d, or holds more than %d"
                   " members", CRM_DELUGE_NESTING, CRM_DELUGE_ITEMS);

    default:
        return crm_deluge_memory(call->run, call->place);
    }
}


static crm_status_t
convert_map(crm_deluge_call_t *call)
{
    crm_status_t  rc;

    rc = convert_json(call);

    if (rc == CRM_OK && call->result->type != CRM_DELUGE_MAP) {
        return crm_deluge_throw(call->run, call->place,
                                "the JSON is a %s, not a KEY-VALUE",
                                crm_deluge_type_name(call->result->type));
    }

    return rc;
}


static crm_status_t
convert_list(crm_deluge_call_t *call)
{
    crm_status_t  rc;

    rc = convert_json(call);

    if (rc == CRM_OK && call->result->type != CRM_DELUGE_LIST) {
        return crm_deluge_throw(call->run, call->place,
                                "the JSON is a %s, not a LIST",
                                crm_deluge_type_name(call->result->type));
    }

    return rc;
}


/* A member of JSON text. */
static crm_status_t
convert_get_json(crm_deluge_call_t *call)
{
    crm_status_t         rc;
    crm_deluge_value_t  *v;

    rc = convert_map(call);

    if (rc == CRM_OK) {
        v = crm_deluge_map_get(call->result->u.map, call->args[1].u.text);
        *call->result = v ? *v : crm_deluge_null();
    }

    return rc;
}


static crm_status_t
convert_same(crm_deluge_call_t *call)
{
    *call->result = call->args[0];

    return CRM_OK;
}


static crm_status_t
convert_write_json(crm_deluge_call_t *call)
{
    crm_buf_t  buf;

    crm_deluge_buf(call->run, &buf);
    crm_deluge_write_json(&buf, &call->args[0], call->run->host->zone);

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


static crm_status_t
convert_now(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_moment(CRM_DELUGE_DATETIME,
                                      call->run->host->now_ms / 1000);
    return CRM_OK;
}


static crm_status_t
convert_today(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_moment(CRM_DELUGE_DATE,
                        crm_zone_day(call->run->host->zone,
                                     call->run->host->now_ms / 1000));
    return CRM_OK;
}


const crm_deluge_builtin_t  crm_deluge_convert_builtins[] = {
    { "isNull", CRM_DELUGE_ON_ANY, 0, "", convert_is_null },
    { "isEmpty", CRM_DELUGE_ON_ANY, 0, "", convert_is_empty },
    { "isBlank", CRM_DELUGE_ON_ANY, 0, "", convert_is_blank },
    { "isNumber", CRM_DELUGE_ON_ANY, 0, "", convert_is_number },
    { "isText", CRM_DELUGE_ON_ANY, 0, "", convert_is_text },
    { "isDate", CRM_DELUGE_ON_ANY, 0, "", convert_is_date },
    { "ifnull", CRM_DELUGE_ON_ANY, 1, "a", convert_ifnull },
    { "ifNull", CRM_DELUGE_ON_ANY, 1, "a", convert_ifnull },
    { "if", CRM_DELUGE_BIT(CRM_DELUGE_BOOLEAN), 2, "aa", convert_if },
    { "toString", CRM_DELUGE_ON_ANY, 0, "", convert_text },
    { "text", CRM_DELUGE_ON_ANY, 0, "", convert_text },
    { "toText", CRM_DELUGE_ON_ANY, 0, "", convert_text },
    { "toNumber", CRM_DELUGE_ON_ANY, 0, "", convert_number },
    { "toLong", CRM_DELUGE_ON_ANY, 0, "", convert_number },
    { "toDecimal", CRM_DELUGE_ON_ANY, 0, "", convert_decimal },
    { "toDate", CRM_DELUGE_ON_TEXT, 0, "t", convert_to_date },
    { "toTime", CRM_DELUGE_ON_TEXT, 0, "t", convert_to_time },
    { "toDateTime", CRM_DELUGE_ON_TEXT, 0, "t", convert_to_time },
    { "toTime", CRM_DELUGE_BIT(CRM_DELUGE_NUMBER), 0, "", convert_epoch },
    { "toMap", CRM_DELUGE_ON_TEXT, 0, "", convert_map },
    { "toMap", CRM_DELUGE_ON_MAP, 0, "", convert_same },
    { "toJSONList", CRM_DELUGE_ON_TEXT, 0, "", convert_list },
    { "toJSONList", CRM_DELUGE_ON_LIST, 0, "", convert_same },
    { "toList", CRM_DELUGE_ON_LIST, 0, "", convert_same },
    { "toJSON", CRM_DELUGE_ON_TEXT, 0, "", convert_json },
    { "getJSON", CRM_DELUGE_ON_TEXT, 1, "t", convert_get_json },
    { "toJSONString", CRM_DELUGE_ON_ANY, 0, "", convert_write_json },
    { "now", CRM_DELUGE_ON_NONE, 0, "", convert_now },
    { "today", CRM_DELUGE_ON_NONE, 0, "", convert_today },
    { NULL, 0, 0, NULL, NULL }
};

/*
 * A workflow rule of Zoho CRM.
 */

#include "crm_cli_import.h"

#include <string.h>


typedef struct {
    const char   *type;             /* a prefix, if it ends in "_*" */
    void        (*read)(crm_cli_import_item_t *item, json_t *when,
                        json_t *details);
    const char   *why_not;          /* without read */
} when_row_t;


static void rule_head(crm_cli_import_item_t *item);
static void rule_when(crm_cli_import_item_t *item);
static const when_row_t *when_find(const char *type);
static void when_module(crm_cli_import_item_t *item, json_t *details);
static void when_plain(crm_cli_import_item_t *item, json_t *when,
    json_t *details);
static void when_edit(crm_cli_import_item_t *item, json_t *when,
    json_t *details);
static void when_field(crm_cli_import_item_t *item, json_t *when,
    json_t *details);
static void when_date(crm_cli_import_item_t *item, json_t *when,
    json_t *details);
static void when_score(crm_cli_import_item_t *item, json_t *when,
    json_t *details);
static void copy_bool(crm_cli_import_item_t *item, json_t *to, json_t *from,
    const char *key);
static void rule_conditions(crm_cli_import_item_t *item);
static json_t *conditions_in_order(crm_cli_import_item_t *item, json_t *list);
static json_t *condition_one(crm_cli_import_item_t *item, json_t *source,
    const char *path);
static json_t *condition_criteria(crm_cli_import_item_t *item,
    json_t *source, const char *path);
static json_t *condition_instant(crm_cli_import_item_t *item, json_t *source,
    const char *path);
static json_t *condition_scheduled(crm_cli_import_item_t *item,
    json_t *source, const char *path);
static json_t *scheduled_block(crm_cli_import_item_t *item, json_t *source,
    const char *path);


static const char *const  rule_beside[] = {
    "created_time", "created_by", "modified_time", "modified_by",
    "last_executed_time", "source", "category", "lock", "lock_status",
    "editable", "deletable", "deprecated", "feature_type", NULL
};

static const when_row_t  when_rows[] = {
    { "create", when_plain, NULL },
    { "delete", when_plain, NULL },
    { "edit", when_edit, NULL },
    { "create_or_edit", when_edit, NULL },
    { "field_update", when_field, NULL },
    { "date_or_datetime", when_date, NULL },
    { "score_increase", when_score, NULL },
    { "score_decrease", when_score, NULL },
    { "score_update", when_score, NULL },
    { "section_update", NULL, "sections of a layout are not known here: watch"
      " their fields with a field_update trigger" },
    { "rollup_summary_update", NULL, "the backend computes roll-ups after a"
      " write, where nobody sees them change" },
    { "recommendation_*", NULL, "recommendations are not seen here" },
    { "missed_call_*", NULL, "calls are not seen here" },
    { "incoming_call_*", NULL, "calls are not seen here" },
    { "outgoing_call_*", NULL, "calls are not seen here" },
    { "scheduled_call_*", NULL, "calls are not seen here" },
    { "email_*", NULL, "mails that arrive are not seen here" },
    { "mail_*", NULL, "what becomes of sent mails is not seen here" },
    { NULL, NULL, NULL }
};


void
crm_cli_import_rule(crm_cli_import_item_t *item)
{
    rule_head(item);

    if (!item->refused) {
        rule_when(item);
    }

    if (!item->refused) {
        rule_conditions(item);
    }

    crm_cli_import_ignore(item->im, item->source, rule_beside);
}


static void
rule_head(crm_cli_import_item_t *item)
{
    json_t            *status, *sequence, *active;
    const char        *text;
    crm_cli_import_t  *im;

    static const char *const  status_beside[] = {
        "delete_schedule_action", "modified_time", NULL
    };

    im = item->im;

    if (item->id) {
        crm_cli_import_put(im, item->doc, "id", json_string(item->id));
    }

    text = crm_cli_import_text(im, item->source, "description");
    if (text && text[0]) {
        crm_cli_import_put(im, item->doc, "description", json_string(text));
    }
    (void) crm_cli_import_take(im, item->source, "description");

    text = crm_cli_import_api_name(im, item->source, "module");
    if (text == NULL) {
        crm_cli_import_refuse(item, "module", "it names no module");
        return;
    }
    crm_cli_import_put(im, item->doc, "module", json_string(text));

    status = json_object_get(item->source, "status");
    active = crm_cli_import_take(im, status, "active");
    crm_cli_import_ignore(im, status, status_beside);
    crm_cli_import_put(im, item->doc, "status",
                       json_string(active && !json_is_true(active) ? "off"
                                                                   : "on"));

    sequence = crm_cli_import_take(im, item->source,
                                   "module_specific_sequence");
    if (json_is_integer(sequence)) {
        crm_cli_import_put(im, item->doc, "sequence", json_incref(sequence));
    }
}


static void
rule_when(crm_cli_import_item_t *item)
{
    json_t            *source, *when, *details;
    const char        *type;
    crm_cli_import_t  *im;
    const when_row_t  *row;

    im = item->im;
    source = json_object_get(item->source, "execute_when");
    type = crm_cli_import_text(im, source, "type");
    row = type ? when_find(type) : NULL;

    if (row == NULL || row->read == NULL) {
        crm_cli_import_refuse(item, "execute_when.type", "the trigger %s is"
                              " not there here: %s", type ? type : "(none)",
                              row ? row->why_not : "this is none that we"
                              " know");
        return;
    }

    details = json_object_get(source, "details");
    if (json_is_null(details)) {
        (void) crm_cli_import_take(im, source, "details");
        details = NULL;
    }

    when = json_pack("{s:s}", "type", type);

    when_module(item, details);
    row->read(item, when, details);

    crm_cli_import_put(im, item->doc, "execute_when", when);
}


static const when_row_t *
when_find(const char *type)
{
    size_t             len;
    const when_row_t  *row;

    for (row = when_rows; row->type; row++) {
        len = strlen(row->type);

        if (strcmp(row->type, type) == 0
            || (row->type[len - 1] == '*'
                && (strncmp(row->type, type, len - 1) == 0
                    || (strlen(type) == len - 2
                        && strncmp(row->type, type, len - 2) == 0))))
        {
            return row;
        }
    }

    return NULL;
}


/* A related module, such as Notes, may start a rule of its parent there. */
static void
when_module(crm_cli_import_item_t *item, json_t *details)
{
    const char  *module, *own;

    if (json_object_get(details, "trigger_module") == NULL) {
        return;
    }

    module = crm_cli_import_api_name(item->im, details, "trigger_module");
    own = json_string_value(json_object_get(item->doc, "module"));

    if (module && own && strcmp(module, own) != 0) {
        crm_cli_import_refuse(item, "execute_when.details.trigger_module",
                              "it is started by records of %s: rules here are"
                              " started by those of their own module",
                              module);
    }
}


static void
when_plain(crm_cli_import_item_t *item, json_t *when, json_t *details)
{
    static const char *const  beside[] = { "repeat", NULL };

    (void) when;

    crm_cli_import_ignore(item->im, details, beside);
}


static void
when_edit(crm_cli_import_item_t *item, json_t *when, json_t *details)
{
    json_t  *to;

    to = json_object();
    copy_bool(item, to, details, "repeat");
    crm_cli_import_put(item->im, when, "details", to);
}


static void
when_field(crm_cli_import_item_t *item, json_t *when, json_t *details)
{
    json_t  *to, *criteria;

    to = json_object();
    copy_bool(item, to, details, "match_all");
    copy_bool(item, to, details, "repeat");

    criteria = crm_cli_import_criteria(item, details, "criteria",
                                       "execute_when.details.criteria");
    if (criteria) {
        crm_cli_import_put(item->im, to, "criteria", criteria);
    }

    crm_cli_import_put(item->im, when, "details", to);
}


static void
when_date(crm_cli_import_item_t *item, json_t *when, json_t *details)
{
    json_t            *to, *unit;
    const char        *text;
    crm_cli_import_t  *im;

    im = item->im;
    to = json_object();

    text = crm_cli_import_api_name(im, details, "field");
    if (text == NULL) {
        crm_cli_import_refuse(item, "execute_when.details.field",
                              "it names no field");
        json_decref(to);
        return;
    }
    crm_cli_import_put(im, to, "field", json_string(text));

    unit = crm_cli_import_take(im, details, "unit");
    if (json_is_integer(unit)) {
        crm_cli_import_put(im, to, "unit", json_incref(unit));
    }

    text = crm_cli_import_text(im, details, "period");
    if (text) {
        crm_cli_import_put(im, to, "period",
                           json_string(strcmp(text, "b_days") == 0
                                       ? "business_days" : text));
    }

    text = crm_cli_import_text(im, details, "execute_at");
    if (text) {
        crm_cli_import_put(im, to, "execute_at",
                           json_stringn(text, strnlen(text, 5)));
    }

    text = crm_cli_import_text(im, details, "recur_cycle");
    if (text) {
        crm_cli_import_put(im, to, "recur_cycle", json_string(text));
    }

    copy_bool(item, to, details, "repeat");
    crm_cli_import_put(im, when, "details", to);
}


/* Scoring rules have ids there and names here. */
static void
when_score(crm_cli_import_item_t *item, json_t *when, json_t *details)
{
    size_t             i;
    json_t            *to, *rules, *list, *rule;
    const char        *text;
    crm_cli_import_t  *im;

    im = item->im;
    to = json_object();
    list = json_object_get(details, "rules");

    text = crm_cli_import_text(im, details, "type");
    if (text) {
        crm_cli_import_put(im, to, "type", json_string(text));
    }

    if (json_array_size(list)) {
        rules = json_array();

        json_array_foreach(list, i, rule) {
            text = crm_cli_import_text(im, rule, "name");

            if (text == NULL) {
                crm_cli_import_refuse(item, "execute_when.details.rules",
                                      "its scoring rules are told by their"
                                      " ids alone: here they have names");
                break;
            }

            crm_cli_import_append(im, rules, json_string(text));
            (void) crm_cli_import_take(im, rule, "id");
        }

        crm_cli_import_put(im, to, "rules", rules);
    }

    crm_cli_import_put(im, when, "details", to);
}


static void
copy_bool(crm_cli_import_item_t *item, json_t *to, json_t *from,
    const char *key)
{
    json_t  *value;

    value = crm_cli_import_take(item->im, from, key);

    if (json_is_boolean(value)) {
        crm_cli_import_put(item->im, to, key, json_incref(value));
    }
}


static void
rule_conditions(crm_cli_import_item_t *item)
{
    size_t       i, count;
    json_t      *list, *conditions, *source, *condition;
    const char  *path;

    list = conditions_in_order(item, json_object_get(item->source,
                                                     "conditions"));
    count = json_array_size(list);
    conditions = json_array();

    json_array_foreach(list, i, source) {
        path = crm_cli_import_at(item->im, "conditions[%zu]", i);
        condition = condition_one(item, source, path);

        if (condition == NULL) {
            break;
        }

        if (json_object_get(condition, "instant_actions")
            || json_object_get(condition, "scheduled_actions"))
        {
            crm_cli_import_append(item->im, conditions, condition);
            continue;
        }

        json_decref(condition);

        if (i + 1 < count) {
            crm_cli_import_refuse(item, path, "none of its actions can be"
                                  " imported, and conditions behind it count"
                                  " only where it does not match");
            break;
        }

        crm_cli_import_note(item, path, "the condition is left out, as none"
                            " of its actions can be imported");
    }

    if (!item->refused && json_array_size(conditions) == 0) {
        crm_cli_import_refuse(item, "conditions", "nothing is left that it"
                              " could do");
    }

    crm_cli_import_put(item->im, item->doc, "conditions", conditions);
    json_decref(list);
}


/* New: the members of list by their sequence_number. */
static json_t *
conditions_in_order(crm_cli_import_item_t *item, json_t *list)
{
    size_t   i, k;
    json_t  *sorted, *source, *other;

    sorted = json_array();

    json_array_foreach(list, i, source) {
        for (k = json_array_size(sorted); k > 0; k--) {
            other = json_array_get(sorted, k - 1);

            if (json_integer_value(json_object_get(other, "sequence_number"))
                <= json_integer_value(json_object_get(source,
                                                      "sequence_number")))
            {
                break;
            }
        }

        if (json_array_insert(sorted, k, source) != 0) {
            item->im->failed = 1;
        }
    }

    return sorted;
}


static json_t *
condition_one(crm_cli_import_item_t *item, json_t *source, const char *path)
{
    json_t            *condition, *part;
    crm_cli_import_t  *im;

    static const char *const  beside[] = { "id", "sequence_number", NULL };

    im = item->im;
    part = condition_criteria(item, source, path);
    if (part == NULL) {
        return NULL;
    }

    condition = json_object();
    crm_cli_import_put(im, condition, "criteria", part);

    part = condition_instant(item, source, path);
    if (json_array_size(part)) {
        crm_cli_import_put(im, condition, "instant_actions",
                           json_incref(part));
    }
    json_decref(part);

    part = condition_scheduled(item, source, path);
    if (json_array_size(part)) {
        crm_cli_import_put(im, condition, "scheduled_actions",
                           json_incref(part));
    }
    json_decref(part);

    crm_cli_import_ignore(im, source, beside);

    return condition;
}


/* NULL when refused. */
static json_t *
condition_criteria(crm_cli_import_item_t *item, json_t *source,
    const char *path)
{
    json_t  *details, *relational;

    details = json_object_get(source, "criteria_details");

    if (!json_is_object(details)) {
        (void) crm_cli_import_take(item->im, source, "criteria_details");
        return crm_cli_import_criteria(item, source, "criteria",
                   crm_cli_import_at(item->im, "%s.criteria", path));
    }

    relational = crm_cli_import_take(item->im, details,
                                     "relational_criteria");

    if (relational && !json_is_null(relational)) {
        crm_cli_import_refuse(item, crm_cli_import_at(item->im,
                              "%s.criteria_details.relational_criteria",
                              path), "it looks at related records: criteria"
                              " here see the record that is written");
        return NULL;
    }

    return crm_cli_import_criteria(item, details, "criteria",
               crm_cli_import_at(item->im, "%s.criteria_details.criteria",
                                 path));
}


/* { actions: [...] }, a list, or null. */
static json_t *
condition_instant(crm_cli_import_item_t *item, json_t *source,
    const char *path)
{
    json_t  *instant, *list;

    instant = json_object_get(source, "instant_actions");
    list = json_is_array(instant) ? instant
           : json_object_get(instant, "actions");

    if (!json_is_array(list)) {
        (void) crm_cli_import_take(item->im, source, "instant_actions");
        return NULL;
    }

    return crm_cli_import_actions(item, list,
               crm_cli_import_at(item->im, "%s.instant_actions.actions",
                                 path));
}


static json_t *
condition_scheduled(crm_cli_import_item_t *item, json_t *source,
    const char *path)
{
    size_t   i;
    json_t  *list, *blocks, *entry, *block;

    list = json_object_get(source, "scheduled_actions");

    if (!json_is_array(list)) {
        (void) crm_cli_import_take(item->im, source, "scheduled_actions");
        return NULL;
    }

    blocks = json_array();

    json_array_foreach(list, i, entry) {
        block = scheduled_block(item, entry,
                    crm_cli_import_at(item->im, "%s.scheduled_actions[%zu]",
                                      path, i));
        if (block) {
            crm_cli_import_append(item->im, blocks, block);
        }
    }

    return blocks;
}


static json_t *
scheduled_block(crm_cli_import_item_t *item, json_t *source, const char *path)
{
    json_t            *after, *unit, *actions;
    const char        *period;
    crm_cli_import_t  *im;

    static const char *const  beside[] = { "id", NULL };

    im = item->im;
    after = json_object_get(source, "execute_after");
    unit = crm_cli_import_take(im, after, "unit");
    period = crm_cli_import_text(im, after, "period");

    actions = crm_cli_import_actions(item, json_object_get(source, "actions"),
                                     crm_cli_import_at(im, "%s.actions",
                                                       path));
    crm_cli_import_ignore(im, source, beside);

    if (!json_is_integer(unit) || period == NULL
        || json_array_size(actions) == 0)
    {
        crm_cli_import_note(item, path, "the scheduled actions are left out:"
                            " there are none that can be imported, or the"
                            " time is missing");
        json_object_clear(source);
        json_decref(actions);
        return NULL;
    }

    return json_pack("{s:{s:O, s:s}, s:o}", "execute_after", "unit", unit,
                     "period", period, "actions", actions);
}

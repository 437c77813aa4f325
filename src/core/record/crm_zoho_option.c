/*
 * zoho: what a client says of its write besides the records.
 *
 *     {"data":[...],"lar_id":"1","wf_trigger":false,
 *      "apply_feature_execution":[{"name":"layout_rules"}],
 *      "skip_feature_execution":[{"name":"cadences","action":"insert"}]}
 *
 * All of it goes on to the backend as it came. A name that nobody knows is the
 * backend's to judge; a type that is wrong would be read by it who knows how.
 */

#include "record/crm_zoho.h"


typedef struct {
    const char  *name;
    unsigned     bit;
} option_name_t;


static const char *option_apply(crm_request_t *request, crm_span_t value);
static const char *option_skip(crm_request_t *request, crm_span_t value);
static unsigned option_bit(const option_name_t *names, crm_span_t name);
static const char *option_lar(crm_request_t *request, crm_span_t value);
static const char *option_trigger(crm_request_t *request, crm_span_t value);


static const option_name_t  option_applies[] = {
    { "layout_rules", CRM_APPLY_LAYOUT_RULES },
    { "range_validation", CRM_APPLY_RANGES },
    { "assignment_rules", CRM_APPLY_ASSIGNMENT },
    { "function_validation_rule", CRM_APPLY_FUNCTIONS },
    { "criteria_validation_rule", CRM_APPLY_CRITERIA },
    { "global_map_dependency", CRM_APPLY_DEPENDENCIES },
    { "territory_subordinates", CRM_APPLY_SUBORDINATES },
    { NULL, 0 }
};

static const option_name_t  option_skips[] = {
    { "assignment_rules", CRM_SKIP_ASSIGNMENT },
    { "cadences", CRM_SKIP_CADENCES },
    { "connected_workflows", CRM_SKIP_CONNECTED },
    { NULL, 0 }
};


crm_status_t
crm_zoho_option(crm_request_t *request, crm_span_t name, crm_span_t value,
    const char **reason)
{
    size_t  i;

    static const struct {
        const char   *name;
        const char *(*read)(crm_request_t *request, crm_span_t value);
    } options[] = {
        { "lar_id", option_lar },
        { "apply_feature_execution", option_apply },
        { "skip_feature_execution", option_skip },
        { "wf_trigger", option_trigger },
    };

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {

        if (crm_span_is(name, crm_strz(options[i].name))) {
            *reason = value.type == CRM_JSON_NULL
                      ? NULL : options[i].read(request, value);

            return *reason ? CRM_EINVAL : CRM_OK;
        }
    }

    return CRM_DECLINED;
}


static const char *
option_lar(crm_request_t *request, crm_span_t value)
{
    if (value.type != CRM_JSON_STRING && value.type != CRM_JSON_NUMBER) {
        return "lar_id must be the id of an assignment rule";
    }

    request->options.lar_id = value;
    request->options.apply |= CRM_APPLY_ASSIGNMENT;

    return NULL;
}


static const char *
option_apply(crm_request_t *request, crm_span_t value)
{
    size_t      cursor;
    crm_span_t  entry, name;

    cursor = 0;

    while (value.type == CRM_JSON_ARRAY
           && crm_span_next(value, &cursor, NULL, &entry))
    {
        name.type = CRM_JSON_NONE;

        if (entry.type == CRM_JSON_OBJECT) {
            name = crm_span_member(entry, CRM_STR("name"));
        }

        if (name.type != CRM_JSON_STRING) {
            return "apply_feature_execution must be an array of objects, each"
                   " with a name";
        }

        request->options.apply |= option_bit(option_applies, name);
    }

    return value.type == CRM_JSON_ARRAY
           ? NULL : "apply_feature_execution must be an array of objects";
}


/* Of an upsert one may be meant for those that it creates, or updates. */
static const char *
option_skip(crm_request_t *request, crm_span_t value)
{
    size_t      cursor;
    unsigned    bit;
    crm_span_t  entry, name, action;

    cursor = 0;

    while (value.type == CRM_JSON_ARRAY
           && crm_span_next(value, &cursor, NULL, &entry))
    {
        name.type = CRM_JSON_NONE;
        action.type = CRM_JSON_NONE;

        if (entry.type == CRM_JSON_OBJECT) {
            name = crm_span_member(entry, CRM_STR("name"));
            action = crm_span_member(entry, CRM_STR("action"));
        }

        if (name.type != CRM_JSON_STRING
            || (action.type != CRM_JSON_NONE
                && !crm_span_is(action, CRM_STR("insert"))
                && !crm_span_is(action, CRM_STR("update"))))
        {
            return "skip_feature_execution must be an array of objects, each"
                   " with a name, and with an action, if any, of insert or"
                   " update";
        }

        bit = option_bit(option_skips, name);

        if (!crm_span_is(action, CRM_STR("update"))) {
            request->options.skip_create |= bit;
        }

        if (!crm_span_is(action, CRM_STR("insert"))) {
            request->options.skip_update |= bit;
        }
    }

    return value.type == CRM_JSON_ARRAY
           ? NULL : "skip_feature_execution must be an array of objects";
}


static unsigned
option_bit(const option_name_t *names, crm_span_t name)
{
    size_t  i;

    for (i = 0; names[i].name; i++) {
        if (crm_span_is(name, crm_strz(names[i].name))) {
            return names[i].bit;
        }
    }

    return 0;
}


/* The word of older versions, which their DELETE has in the query. */
static const char *
option_trigger(crm_request_t *request, crm_span_t value)
{
    if (value.type == CRM_JSON_TRUE || crm_span_is(value, CRM_STR("true"))) {
        return NULL;
    }

    if (value.type == CRM_JSON_FALSE || crm_span_is(value, CRM_STR("false"))) {
        request->options.no_workflow = 1;
        return NULL;
    }

    return "wf_trigger must be true or false";
}

/*
 * What was noted of runs.
 */

#include "crm_cli_runs.h"

#include "base/crm_time.h"

#include <string.h>


#define RUNS_SLICE  "100"


static crm_status_t runs_slice(json_t *list, crm_str_t *before,
    const crm_reply_t *reply, size_t most, crm_cli_runs_pt wanted,
    void *data);


crm_status_t
crm_cli_runs_read(json_t **list, crm_store_t *store, crm_str_t key,
    size_t most, crm_cli_runs_pt wanted, void *data, crm_pool_t *pool,
    crm_error_t *err)
{
    crm_str_t      before;
    crm_reply_t   *reply;
    crm_status_t   rc;

    *list = json_array();
    before = CRM_STR("+");

    if (*list == NULL || key.data == NULL) {
        json_decref(*list);
        return CRM_ENOMEM;
    }

    do {
        rc = crm_store_command(store, pool, &reply, err, 6,
                               CRM_STR("XREVRANGE"), key, before,
                               CRM_STR("-"), CRM_STR("COUNT"),
                               CRM_STR(RUNS_SLICE));

        if (rc == CRM_OK && reply->type != CRM_REPLY_ARRAY) {
            rc = crm_reply_misshapen("XREVRANGE", err);
        }

        if (rc != CRM_OK) {
            json_decref(*list);
            return rc;
        }

        if (reply->count == 0) {
            return CRM_OK;
        }

        rc = runs_slice(*list, &before, reply, most, wanted, data);

        if (rc == CRM_OK) {
            before = crm_pool_printf(pool, "(%.*s", (int) before.len,
                                     before.data);
            rc = before.data ? CRM_OK : CRM_ENOMEM;
        }

        if (rc != CRM_OK) {
            json_decref(*list);
            return rc;
        }

    } while (json_array_size(*list) < most);

    return CRM_OK;
}


/* What somebody else has put there is passed over. */
static crm_status_t
runs_slice(json_t *list, crm_str_t *before, const crm_reply_t *reply,
    size_t most, crm_cli_runs_pt wanted, void *data)
{
    size_t              i;
    json_t             *doc;
    const crm_reply_t  *entry, *fields;

    for (i = 0; i < reply->count; i++) {
        entry = &reply->elements[i];

        if (entry->type != CRM_REPLY_ARRAY || entry->count != 2
            || entry->elements[0].type != CRM_REPLY_STRING)
        {
            continue;
        }

        *before = entry->elements[0].str;
        fields = &entry->elements[1];

        if (fields->type != CRM_REPLY_ARRAY || fields->count < 2
            || fields->elements[1].type != CRM_REPLY_STRING
            || json_array_size(list) >= most)
        {
            continue;
        }

        doc = json_loadb(fields->elements[1].str.data,
                         fields->elements[1].str.len, JSON_ALLOW_NUL, NULL);

        if (!json_is_object(doc) || (wanted && !wanted(data, doc))) {
            json_decref(doc);

        } else if (json_array_append_new(list, doc) != 0) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


const char *
crm_cli_runs_text(const json_t *doc, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(doc, name));

    return text ? text : "";
}


const char *
crm_cli_runs_time(char text[CRM_CLI_RUNS_TIME], long long ms)
{
    char  iso[CRM_TIME_ISO_LEN + 1];

    text[0] = '\0';

    if (ms > 0) {
        (void) crm_time_iso(iso, ms);
        (void) snprintf(text, CRM_CLI_RUNS_TIME, "%.10s %.8s UTC", iso,
                        iso + 11);
    }

    return text;
}

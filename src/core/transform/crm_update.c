/*
 * Field updates of the rules that fired, merged into the write itself.
 */

#include "transform/crm_update.h"

#include "rules/crm_who.h"


static crm_status_t update_one(crm_changes_t *changes,
    const crm_write_t *write, const crm_fired_t *fired,
    const crm_field_update_t *update);
static crm_status_t update_value(const crm_field_update_t *update,
    const crm_write_t *write, crm_str_t *json);
static crm_status_t update_merge(const crm_field_update_t *update,
    const crm_write_t *write, crm_str_t *json);


crm_status_t
crm_update_apply(crm_changes_t *changes, const crm_write_t *write,
    const crm_fired_t *fired)
{
    size_t               i;
    crm_status_t         rc;
    const crm_action_t  *action;

    for (i = 0; i < fired->condition->actions_count; i++) {
        action = &fired->condition->actions[i];

        if (action->id != CRM_ACTION_FIELD_UPDATE) {
            continue;
        }

        rc = update_one(changes, write, fired, &action->u.update);

        if (rc != CRM_OK && rc != CRM_DECLINED) {
            return rc;
        }
    }

    return CRM_OK;
}


/* CRM_DECLINED: there is nothing to set. */
static crm_status_t
update_one(crm_changes_t *changes, const crm_write_t *write,
    const crm_fired_t *fired, const crm_field_update_t *update)
{
    int                 same, leaver;
    crm_str_t           json;
    crm_span_t          old;
    crm_value_t         now, then;
    crm_status_t        rc;
    const crm_field_t  *field;

    rc = update_value(update, write, &json);
    if (rc == CRM_OK) {
        rc = crm_update_leaver(&leaver, write, update->field, json);
    }
    if (rc != CRM_OK || leaver) {
        return rc != CRM_OK ? rc : CRM_DECLINED;
    }

    field = crm_write_field(write, update->field);
    memset(&old, 0, sizeof(crm_span_t));
    same = 0;

    if (field) {
        old = field->value;

        rc = crm_value_from_span(&now, old, write->pool);
        if (rc == CRM_OK) {
            rc = crm_value_parse(&then, json, write->pool);
        }
        if (rc == CRM_OK) {
            rc = crm_write_same(write, field->name, field->hash, &now, &then,
                                &same);
        }
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return crm_changes_set(changes, update->field, json, old, same,
                           fired->rule, write->pool);
}


crm_status_t
crm_update_leaver(int *leaver, const crm_write_t *write, crm_str_t field,
    crm_str_t json)
{
    crm_value_t   value;
    crm_status_t  rc;

    *leaver = 0;

    if (!crm_str_eq(field, crm_dialect_owner_field(write->dialect))) {
        return CRM_OK;
    }

    rc = crm_value_parse(&value, json, write->pool);

    *leaver = rc == CRM_OK
              && (value.type == CRM_VALUE_TEXT
                  || value.type == CRM_VALUE_NUMBER
                  || value.type == CRM_VALUE_OBJECT)
              && crm_who_is_inactive(write->rules, value.text);

    return rc;
}


crm_status_t
crm_update_skips(int *skips, const crm_write_t *write,
    const crm_field_update_t *update)
{
    crm_str_t     json;
    crm_status_t  rc;

    *skips = 0;

    rc = update_value(update, write, &json);

    return rc == CRM_OK ? crm_update_leaver(skips, write, update->field, json)
           : rc == CRM_DECLINED ? CRM_OK : rc;
}


static crm_status_t
update_value(const crm_field_update_t *update, const crm_write_t *write,
    crm_str_t *json)
{
    const crm_field_t  *other;

    switch (update->source) {

    case CRM_UPDATE_STATIC:
        *json = update->json;
        return CRM_OK;

    case CRM_UPDATE_FIELD:
        other = crm_write_field(write, update->other);

        if (other == NULL && write->before && !write->absent_is_null) {

            /* nobody knows what it holds: nothing is better than null */

            return CRM_DECLINED;
        }

        *json = other ? crm_span_raw(other->value) : CRM_STR("null");
        return CRM_OK;

    default: /* CRM_UPDATE_MERGE */
        return update_merge(update, write, json);
    }
}


static crm_status_t
update_merge(const crm_field_update_t *update, const crm_write_t *write,
    crm_str_t *json)
{
    crm_buf_t     text, quoted;
    crm_merge_t   merge;
    crm_record_t  record;
    crm_status_t  rc;

    rc = crm_image_merge(&record, write->before, write->request,
                         write->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(&merge, 0, sizeof(crm_merge_t));

    merge.module = write->module->name;
    merge.record_id = write->record_id;
    merge.record = &record;
    merge.before = write->before;
    merge.scope = &write->scope;

    crm_buf_init(&text, write->pool, 0);

    rc = crm_template_render(&update->merge, &text, CRM_ESCAPE_NONE, &merge,
                             write->pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_init(&quoted, write->pool, 0);
    crm_buf_json(&quoted, crm_buf_view(&text));
    *json = crm_buf_view(&quoted);

    return crm_buf_status(&quoted);
}

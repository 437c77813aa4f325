/*
 * What an action asks of the record.
 */

#include "rules/crm_asks.h"

#include "rules/crm_action.h"
#include "rules/crm_template_part.h"


#define ASKS_FIRST  4


static crm_status_t asks_params(crm_asks_t *asks, const crm_param_t *params,
    size_t count, crm_pool_t *pool);
static crm_status_t asks_value(crm_asks_t *asks,
    const crm_field_update_t *update, crm_pool_t *pool);
static crm_status_t asks_party(crm_asks_t *asks, const crm_party_t *party,
    crm_pool_t *pool);


crm_status_t
crm_asks_field(crm_asks_t *asks, crm_str_t field, crm_pool_t *pool)
{
    size_t      i;
    crm_str_t  *fields;

    for (i = 0; i < asks->count; i++) {
        if (crm_str_eq(asks->fields[i], field)) {
            return CRM_OK;
        }
    }

    /* full at each power of two from the first on */

    if (asks->count == 0 || (asks->count >= ASKS_FIRST
                             && (asks->count & (asks->count - 1)) == 0))
    {
        fields = crm_pool_calloc(pool, asks->count ? asks->count * 2
                                                   : ASKS_FIRST,
                                 sizeof(crm_str_t));
        if (fields == NULL) {
            return CRM_ENOMEM;
        }

        if (asks->count) {
            memcpy(fields, asks->fields, asks->count * sizeof(crm_str_t));
        }

        asks->fields = fields;
    }

    asks->fields[asks->count++] = field;

    return CRM_OK;
}


/* What was there before a write, it has not changed. */
crm_status_t
crm_asks_template(crm_asks_t *asks, const crm_template_t *template,
    crm_pool_t *pool)
{
    size_t                      i;
    crm_status_t                rc;
    const crm_template_part_t  *part;

    for (i = 0, rc = CRM_OK; rc == CRM_OK && i < template->count; i++) {
        part = &template->parts[i];

        if (part->field.len && !part->old) {
            rc = crm_asks_field(asks, part->field, pool);
        }
    }

    return rc;
}


crm_status_t
crm_webhook_asks(crm_webhook_t *webhook, crm_pool_t *pool)
{
    crm_asks_t    *asks;
    crm_status_t   rc;

    asks = &webhook->asks;
    asks->whole = webhook->body_type == CRM_BODY_DEFAULT;

    rc = crm_asks_template(asks, &webhook->url, pool);

    if (rc == CRM_OK) {
        rc = asks_params(asks, webhook->headers, webhook->headers_count, pool);
    }

    if (rc == CRM_OK) {
        rc = asks_params(asks, webhook->params, webhook->params_count, pool);
    }

    return rc == CRM_OK ? crm_asks_template(asks, &webhook->body, pool) : rc;
}


static crm_status_t
asks_params(crm_asks_t *asks, const crm_param_t *params, size_t count,
    crm_pool_t *pool)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; rc == CRM_OK && i < count; i++) {
        rc = crm_asks_template(asks, &params[i].value, pool);
    }

    return rc;
}


crm_status_t
crm_email_asks(crm_email_t *email, crm_pool_t *pool)
{
    size_t         i;
    crm_asks_t    *asks;
    crm_status_t   rc;

    asks = &email->asks;

    rc = crm_asks_template(asks, &email->template->subject, pool);

    if (rc == CRM_OK) {
        rc = crm_asks_template(asks, &email->template->text, pool);
    }

    if (rc == CRM_OK) {
        rc = crm_asks_template(asks, &email->template->html, pool);
    }

    for (i = 0; rc == CRM_OK && i < email->to_count; i++) {
        rc = asks_party(asks, &email->to[i], pool);
    }

    return rc;
}


crm_status_t
crm_task_asks(crm_task_t *task, crm_pool_t *pool)
{
    crm_status_t  rc;

    rc = crm_asks_template(&task->asks, &task->subject, pool);

    return rc == CRM_OK ? asks_party(&task->asks, &task->assign_to, pool) : rc;
}


/* Who owns the record, the backend does not set anew. */
static crm_status_t
asks_party(crm_asks_t *asks, const crm_party_t *party, crm_pool_t *pool)
{
    return party->type == CRM_PARTY_FIELD
           ? crm_asks_field(asks, party->name, pool) : CRM_OK;
}


crm_status_t
crm_create_asks(crm_create_t *create, crm_pool_t *pool)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; rc == CRM_OK && i < create->fields_count; i++) {
        rc = asks_value(&create->asks, &create->fields[i], pool);
    }

    return rc;
}


/* Most are constants, and there may be many. */
crm_status_t
crm_field_update_asks(crm_field_update_t *update, crm_pool_t *pool)
{
    crm_asks_t    *asks;
    crm_status_t   rc;

    if (update->source == CRM_UPDATE_STATIC && update->related.len == 0) {
        return CRM_OK;
    }

    asks = crm_pool_calloc(pool, 1, sizeof(crm_asks_t));
    update->asks = asks;

    if (asks == NULL) {
        return CRM_ENOMEM;
    }

    rc = update->related.len ? crm_asks_field(asks, update->related, pool)
                             : CRM_OK;

    return rc == CRM_OK ? asks_value(asks, update, pool) : rc;
}


static crm_status_t
asks_value(crm_asks_t *asks, const crm_field_update_t *update,
    crm_pool_t *pool)
{
    return update->source == CRM_UPDATE_FIELD
           ? crm_asks_field(asks, update->other, pool)
           : crm_asks_template(asks, &update->merge, pool);
}


crm_status_t
crm_function_call_asks(crm_function_call_t *call, crm_pool_t *pool)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0, rc = CRM_OK; rc == CRM_OK && i < call->arguments_count; i++) {
        rc = crm_asks_template(&call->asks, &call->arguments[i].merge, pool);
    }

    return rc;
}


const crm_asks_t *
crm_action_asks(const crm_action_t *action)
{
    switch (action->id) {

    case CRM_ACTION_WEBHOOK:
        return &action->u.webhook->asks;

    case CRM_ACTION_ASYNC_UPDATE:
        return action->u.update.asks;

    case CRM_ACTION_EMAIL:
        return &action->u.email->asks;

    case CRM_ACTION_TASK:
        return &action->u.task->asks;

    case CRM_ACTION_CREATE_RECORD:
        return &action->u.create->asks;

    case CRM_ACTION_FUNCTION:
        return &action->u.call->asks;

    default:
        return NULL;
    }
}

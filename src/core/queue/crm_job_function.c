/*
 * Calls of functions: the arguments of a call, filled in.
 *
 * A merge field is text; for a parameter of another type it is passed on as
 * the JSON that it reads as, and empty as null. What it does not read as stays
 * a text, and is the function's affair.
 */

#include "queue/crm_job.h"

#include "record/crm_scan.h"


static crm_status_t function_argument(crm_buf_t *buf,
    const crm_argument_t *argument, crm_argument_type_t type,
    const crm_job_source_t *source);
static int function_is_json(crm_str_t text, crm_argument_type_t type,
    crm_pool_t *pool);


crm_status_t
crm_job_function(crm_buf_t *buf, const crm_job_source_t *source)
{
    size_t             i;
    crm_status_t       rc;
    const crm_function_call_t  *call;

    call = source->action->u.call;

    crm_buf_puts(buf, "\"name\":");
    crm_buf_json(buf, call->function->name);
    crm_buf_puts(buf, ",\"arguments\":{");

    for (i = 0; i < call->arguments_count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json(buf, call->arguments[i].name);
        crm_buf_putc(buf, ':');

        rc = function_argument(buf, &call->arguments[i],
                               call->function->parameters[i].type, source);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    crm_buf_putc(buf, '}');

    return CRM_OK;
}


static crm_status_t
function_argument(crm_buf_t *buf, const crm_argument_t *argument,
    crm_argument_type_t type, const crm_job_source_t *source)
{
    crm_buf_t     text;
    crm_status_t  rc;

    if (!argument->is_merge) {
        crm_buf_str(buf, argument->json);
        return CRM_OK;
    }

    crm_buf_init(&text, source->pool, 0);

    rc = crm_template_render(&argument->merge, &text, CRM_ESCAPE_NONE,
                             &source->merge, source->pool, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    if (text.len == 0 && type != CRM_ARGUMENT_TEXT) {
        crm_buf_puts(buf, "null");

    } else if (function_is_json(crm_buf_view(&text), type, source->pool)) {
        crm_buf_str(buf, crm_buf_view(&text));

    } else {
        crm_buf_json(buf, crm_buf_view(&text));
    }

    return CRM_OK;
}


/* Dates are texts in JSON, too. */
static int
function_is_json(crm_str_t text, crm_argument_type_t type, crm_pool_t *pool)
{
    crm_span_t   value;
    crm_scan_t   scan;
    crm_error_t  err;

    crm_scan_init(&scan, text, NULL, pool);

    if (crm_scan_value(&scan, &value, &err) != CRM_OK
        || crm_scan_end(&scan, &err) != CRM_OK)
    {
        return 0;
    }

    switch (type) {

    case CRM_ARGUMENT_INTEGER:
    case CRM_ARGUMENT_FLOAT:
        return value.type == CRM_JSON_NUMBER;

    case CRM_ARGUMENT_BOOLEAN:
        return value.type == CRM_JSON_TRUE || value.type == CRM_JSON_FALSE;

    case CRM_ARGUMENT_LIST:
        return value.type == CRM_JSON_ARRAY;

    case CRM_ARGUMENT_MAP:
        return value.type == CRM_JSON_OBJECT;

    default:
        return 0;
    }
}

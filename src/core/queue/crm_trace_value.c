/*
 * Values in a trace document.
 */

#include "queue/crm_trace_value.h"


#define TRACE_HIDDEN  "\"***\""


static void trace_left(crm_buf_t *buf, const crm_value_t *value, int hidden);
static void trace_right(crm_buf_t *buf, const crm_schema_t *schema,
    crm_eval_t *eval, const crm_predicate_t *p);
static int trace_hides(const crm_schema_t *schema, unsigned slot);


void
crm_trace_value_of(crm_buf_t *buf, const crm_schema_t *schema,
    crm_str_t field, crm_str_t json)
{
    if (json.len == 0) {
        crm_buf_puts(buf, "null");

    } else if (schema && schema->declared
               && trace_hides(schema, crm_schema_find(schema, field,
                                                      crm_str_hash(field)))
               && !crm_str_is(json, "null") && !crm_str_is(json, "\"\"")
               && !crm_str_is(json, "[]"))
    {
        crm_buf_puts(buf, TRACE_HIDDEN);

    } else {
        crm_buf_str(buf, json);
    }
}


void
crm_trace_value_sides(crm_buf_t *buf, const crm_schema_t *schema,
    crm_eval_t *eval, const crm_predicate_t *p)
{
    unsigned  i, n;

    crm_buf_puts(buf, ",\"left\":");
    trace_left(buf, &eval->image->slots[p->slot],
               trace_hides(schema, p->slot));
    crm_buf_puts(buf, ",\"right\":");
    trace_right(buf, schema, eval, p);

    n = 0;

    for (i = 0; i < p->count; i++) {
        if (p->operands[i].source != CRM_OPERAND_VALUE) {
            crm_buf_puts(buf, n++ ? "," : ",\"from\":[");
            crm_buf_json(buf, p->operands[i].value.text);
        }
    }

    crm_buf_puts(buf, n ? "]" : "");
}


static void
trace_left(crm_buf_t *buf, const crm_value_t *value, int hidden)
{
    if (value->type == CRM_VALUE_UNKNOWN) {
        crm_buf_puts(buf, "\"unknown\"");

    } else if (value->span.type == CRM_JSON_NONE) {
        crm_buf_puts(buf, "null");

    } else if (hidden && value->type != CRM_VALUE_EMPTY) {
        crm_buf_puts(buf, TRACE_HIDDEN);

    } else {
        crm_buf_str(buf, crm_span_raw(value->span));
    }
}


/* A constant that an encrypted field was compared with says what that is. */
static void
trace_right(crm_buf_t *buf, const crm_schema_t *schema, crm_eval_t *eval,
    const crm_predicate_t *p)
{
    int             list;
    unsigned        i;
    crm_operand_t  *operand;

    list = p->comparator->max > 1;
    crm_buf_puts(buf, list ? "[" : "");

    for (i = 0; i < p->count; i++) {
        operand = &p->operands[i];
        crm_buf_puts(buf, i ? "," : "");

        if (!operand->is_empty
            && (trace_hides(schema, p->slot)
                || (operand->source == CRM_OPERAND_FIELD
                    && trace_hides(schema, operand->slot))))
        {
            crm_buf_puts(buf, TRACE_HIDDEN);

        } else {
            crm_buf_str(buf, crm_eval_right_json(eval, operand));
        }
    }

    crm_buf_puts(buf, list ? "]" : "");
}


static int
trace_hides(const crm_schema_t *schema, unsigned slot)
{
    return slot != CRM_SLOT_NONE
           && schema->types[slot] == CRM_FIELD_ENCRYPTED;
}

/*
 * The member "effects" of an intent.
 */

#include "queue/crm_intent_effects.h"

#include "base/crm_limits.h"


typedef struct {
    crm_effects_t       *effects;
    const crm_module_t  *module;
    crm_pool_t          *pool;
    crm_error_t         *err;
} effects_t;


static void effects_step(const crm_fired_t *step, crm_buf_t *buf);
static crm_status_t effects_list(effects_t *e, crm_span_t value,
    const char *name, crm_status_t (*add)(effects_t *e, crm_span_t item));
static crm_status_t effects_add_change(effects_t *e, crm_span_t item);
static crm_status_t effects_add_step(effects_t *e, crm_span_t item);
static crm_status_t effects_index(effects_t *e, crm_span_t value,
    unsigned *index);
static crm_status_t effects_text(effects_t *e, crm_span_t item,
    const char *name, crm_str_t *text);
static crm_status_t effects_fail(effects_t *e, crm_status_t rc,
    const char *what);


void
crm_intent_effects_encode(const crm_effects_t *effects, crm_buf_t *buf)
{
    size_t                   i;
    const crm_cmd_change_t  *change;

    if (effects->changes_count == 0 && effects->steps_count == 0) {
        return;
    }

    crm_buf_puts(buf, ",\"effects\":{\"changes\":[");

    for (i = 0; i < effects->changes_count; i++) {
        change = &effects->changes[i];

        crm_buf_puts(buf, i ? ",{\"op\":\"" : "{\"op\":\"");
        crm_buf_puts(buf, crm_effects_op(change));
        crm_buf_puts(buf, "\",\"field\":");
        crm_buf_json(buf, change->field);
        crm_buf_puts(buf, ",\"value\":");
        crm_buf_json(buf, change->value);
        crm_buf_putc(buf, '}');
    }

    crm_buf_puts(buf, "],\"steps\":[");

    for (i = 0; i < effects->steps_count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        effects_step(&effects->steps[i], buf);
    }

    crm_buf_puts(buf, "]}");
}


static void
effects_step(const crm_fired_t *step, crm_buf_t *buf)
{
    crm_buf_puts(buf, "{\"process\":\"");
    crm_buf_puts(buf, crm_process_name(step->process));
    crm_buf_puts(buf, "\",\"name\":");
    crm_buf_json(buf, step->rule->name);
    crm_buf_puts(buf, ",\"index\":");
    crm_buf_int(buf, step->condition->seq);
    crm_buf_puts(buf, ",\"stage\":\"");
    crm_buf_puts(buf, crm_stage_name(step->stage));
    crm_buf_puts(buf, "\"}");
}


crm_status_t
crm_intent_effects_parse(crm_effects_t *effects, crm_span_t value,
    const crm_module_t *module, crm_pool_t *pool, crm_error_t *err)
{
    effects_t     e;
    crm_status_t  rc;

    memset(effects, 0, sizeof(crm_effects_t));

    e.effects = effects;
    e.module = module;
    e.pool = pool;
    e.err = err;

    rc = effects_list(&e, value, "changes", effects_add_change);

    return rc == CRM_OK ? effects_list(&e, value, "steps", effects_add_step)
                        : rc;
}


static crm_status_t
effects_list(effects_t *e, crm_span_t value, const char *name,
    crm_status_t (*add)(effects_t *e, crm_span_t item))
{
    size_t        cursor;
    crm_span_t    list, item;
    crm_status_t  rc;

    list = crm_span_member(value, crm_strz(name));

    if (list.type != CRM_JSON_ARRAY) {
        return effects_fail(e, CRM_EINVAL, name);
    }

    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {
        if (item.type != CRM_JSON_OBJECT) {
            return effects_fail(e, CRM_EINVAL, name);
        }

        rc = add(e, item);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
effects_add_change(effects_t *e, crm_span_t item)
{
    crm_str_t     op, field, value;
    crm_status_t  rc;

    rc = effects_text(e, item, "op", &op);
    if (rc == CRM_OK) {
        rc = effects_text(e, item, "field", &field);
    }
    if (rc == CRM_OK) {
        rc = effects_text(e, item, "value", &value);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_effects_add(e->effects, op, field, value, e->pool);

    return rc == CRM_OK ? rc : effects_fail(e, rc, "changes");
}


static crm_status_t
effects_add_step(effects_t *e, crm_span_t item)
{
    crm_str_t     process, stage;
    crm_step_t    step;
    crm_status_t  rc;

    rc = effects_text(e, item, "process", &process);
    if (rc == CRM_OK) {
        rc = effects_text(e, item, "stage", &stage);
    }
    if (rc == CRM_OK) {
        rc = effects_text(e, item, "name", &step.name);
    }
    if (rc == CRM_OK) {
        rc = effects_index(e, crm_span_member(item, CRM_STR("index")),
                           &step.index);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_step_find(&step, process, stage);
    if (rc == CRM_OK) {
        rc = crm_effects_start(e->effects, e->module, &step, e->pool);
    }

    return rc == CRM_OK ? rc
           : effects_fail(e, rc == CRM_DECLINED ? CRM_EINVAL : rc, "steps");
}


/* A few digits. */
static crm_status_t
effects_index(effects_t *e, crm_span_t value, unsigned *index)
{
    size_t  i;

    *index = 0;

    for (i = 0; i < value.len; i++) {
        if (value.type != CRM_JSON_NUMBER || value.len > 6
            || value.data[i] < '0' || value.data[i] > '9')
        {
            return effects_fail(e, CRM_EINVAL, "index");
        }

        *index = *index * 10 + (unsigned) (value.data[i] - '0');
    }

    return CRM_OK;
}


static crm_status_t
effects_text(effects_t *e, crm_span_t item, const char *name,
    crm_str_t *text)
{
    crm_span_t  value;

    value = crm_span_member(item, crm_strz(name));

    if (value.type != CRM_JSON_STRING) {
        return effects_fail(e, CRM_EINVAL, name);
    }

    *text = crm_span_text(value, e->pool);

    return text->data ? CRM_OK : effects_fail(e, CRM_ENOMEM, name);
}


static crm_status_t
effects_fail(effects_t *e, crm_status_t rc, const char *what)
{
    if (rc == CRM_ENOMEM) {
        return crm_error_set(e->err, rc, CRM_NO_OFFSET, "", "out of memory");
    }

    return crm_error_set(e->err, CRM_EINVAL, CRM_NO_OFFSET, "effects",
                         "\"%s\" among the \"effects\" of the intent names"
                         " nothing that this revision has", what);
}

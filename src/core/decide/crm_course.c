/*
 * A record's course in a blueprint.
 */

#include "decide/crm_course.h"

#include "base/crm_limits.h"
#include "rules/crm_who.h"


/* What is kept is flat but for what was saved partially. */
#define COURSE_NODES  4096
#define COURSE_DEPTH  16


static crm_status_t course_text(crm_str_t *text, const crm_record_t *record,
    const char *name, crm_pool_t *pool);
static crm_status_t course_partial(crm_course_kept_t *kept, crm_span_t partial,
    crm_pool_t *pool);
static crm_status_t course_read(crm_course_t *course, crm_write_t *write);
static void course_place(crm_course_t *course, const crm_write_t *write);
static const crm_blueprint_t *course_blueprint(const crm_module_t *module,
    crm_str_t name);
static unsigned course_named(const crm_blueprint_t *blueprint, crm_str_t name);
static crm_str_t course_who(void *data, crm_str_t name);


crm_status_t
crm_course_parse(crm_course_kept_t *kept, crm_str_t text, crm_pool_t *pool)
{
    crm_status_t        rc;
    crm_record_t        record;
    const char         *p;
    crm_str_t           since;
    const crm_field_t  *field;

    static const crm_scan_limits_t  limits = {
        .max_nodes = COURSE_NODES, .max_depth = COURSE_DEPTH
    };

    memset(kept, 0, sizeof(crm_course_kept_t));

    rc = crm_record_parse(&record, text, &limits, pool, NULL);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_EINVAL;
    }

    if (course_text(&kept->blueprint, &record, "blueprint", pool) != CRM_OK
        || course_text(&kept->state, &record, "state", pool) != CRM_OK
        || course_text(&kept->transition, &record, "transition", pool)
           != CRM_OK
        || course_text(&kept->event, &record, "event", pool) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    field = crm_record_field(&record, CRM_STR("since"));
    since = field && field->value.type == CRM_JSON_NUMBER
            ? crm_span_raw(field->value) : CRM_STR_NULL;

    for (p = since.data; since.len && since.len <= 18
                         && p < since.data + since.len; p++)
    {
        if (*p < '0' || *p > '9') {
            return CRM_EINVAL;
        }

        kept->since_ms = kept->since_ms * 10 + (*p - '0');
    }

    field = crm_record_field(&record, CRM_STR("partial"));
    if (field && course_partial(kept, field->value, pool) != CRM_OK) {
        return CRM_ENOMEM;
    }

    return kept->blueprint.len ? CRM_OK : CRM_EINVAL;
}


/* What is null, or not there, is empty. */
static crm_status_t
course_text(crm_str_t *text, const crm_record_t *record, const char *name,
    crm_pool_t *pool)
{
    const crm_field_t  *field;

    field = crm_record_field(record, crm_strz(name));
    *text = CRM_STR("");

    if (field && field->value.type == CRM_JSON_STRING) {
        *text = crm_span_text(field->value, pool);
    }

    return text->data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
course_partial(crm_course_kept_t *kept, crm_span_t partial, crm_pool_t *pool)
{
    crm_span_t  id;

    id = crm_span_member(partial, CRM_STR("transition"));
    kept->data = crm_span_member(partial, CRM_STR("data"));

    if (id.type != CRM_JSON_STRING || kept->data.type != CRM_JSON_OBJECT) {
        return CRM_OK;
    }

    kept->partial = crm_span_text(id, pool);

    return kept->partial.data ? CRM_OK : CRM_ENOMEM;
}


void
crm_course_encode(crm_buf_t *buf, const crm_course_kept_t *kept)
{
    crm_buf_puts(buf, "{\"blueprint\":");
    crm_buf_json(buf, kept->blueprint);
    crm_buf_puts(buf, ",\"state\":");
    crm_buf_json(buf, kept->state);
    crm_buf_puts(buf, ",\"since\":");
    crm_buf_int(buf, kept->since_ms);
    crm_buf_puts(buf, ",\"transition\":");

    if (kept->transition.len) {
        crm_buf_json(buf, kept->transition);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, kept->event);

    if (kept->partial.len) {
        crm_buf_puts(buf, ",\"partial\":{\"transition\":");
        crm_buf_json(buf, kept->partial);
        crm_buf_puts(buf, ",\"data\":");
        crm_buf_str(buf, crm_span_raw(kept->data));
        crm_buf_putc(buf, '}');
    }

    crm_buf_putc(buf, '}');
}


crm_status_t
crm_course_find(crm_course_t **course, crm_write_t *write)
{
    crm_status_t  rc;

    if (write->course == NULL) {
        write->course = crm_pool_calloc(write->pool, 1, sizeof(crm_course_t));
        if (write->course == NULL) {
            return CRM_ENOMEM;
        }

        rc = course_read(write->course, write);
        if (rc != CRM_OK) {
            write->course = NULL;
            return rc;
        }
    }

    *course = write->course;

    return CRM_OK;
}


static crm_status_t
course_read(crm_course_t *course, crm_write_t *write)
{
    crm_status_t  rc;

    if (write->before == NULL || write->state == NULL
        || write->state->blueprint.len == 0)
    {
        return CRM_OK;
    }

    course->had = 1;

    rc = crm_course_parse(&course->kept, write->state->blueprint, write->pool);

    if (rc == CRM_EINVAL) {
        course->unread = 1;
        return CRM_OK;
    }

    if (rc == CRM_OK) {
        course_place(course, write);
    }

    return rc;
}


/* Which state, of what is kept and what is stored. */
static void
course_place(crm_course_t *course, const crm_write_t *write)
{
    unsigned                kept, stored;
    const crm_value_t      *value;
    const crm_blueprint_t  *blueprint;

    blueprint = course_blueprint(write->module, course->kept.blueprint);

    if (blueprint == NULL) {
        course->gone = 1;
        return;
    }

    kept = course_named(blueprint, course->kept.state);
    value = &write->stored.slots[blueprint->slot];
    stored = value->type == CRM_VALUE_UNKNOWN ? kept
             : crm_course_state(blueprint, value);

    course->astray = stored != kept || stored == CRM_SLOT_NONE;

    if (stored != CRM_SLOT_NONE) {
        course->blueprint = blueprint;
        course->state = stored;
    }
}


crm_status_t
crm_course_suppose(crm_write_t *write)
{
    unsigned                state;
    crm_buf_t               buf;
    crm_state_t            *with;
    crm_status_t            rc;
    crm_course_kept_t        kept;
    const crm_blueprint_t  *blueprint;

    if (write->before == NULL || write->module->blueprints.count == 0
        || (write->state && write->state->blueprint.len))
    {
        return CRM_OK;
    }

    rc = crm_course_take(&blueprint, &state, write->module,
                        &write->stored_eval);
    if (rc != CRM_OK || blueprint == NULL) {
        return rc;
    }

    with = crm_pool_calloc(write->pool, 1, sizeof(crm_state_t));
    if (with == NULL) {
        return CRM_ENOMEM;
    }

    if (write->state) {
        *with = *write->state;
    }

    memset(&kept, 0, sizeof(crm_course_kept_t));
    kept.blueprint = blueprint->name;
    kept.state = crm_course_state_at(blueprint, state)->name;
    kept.since_ms = write->now_ms;

    crm_buf_init(&buf, write->pool, 0);
    crm_course_encode(&buf, &kept);
    with->blueprint = crm_buf_view(&buf);

    write->state = with;
    write->course = NULL;

    return crm_buf_status(&buf);
}


static const crm_blueprint_t *
course_blueprint(const crm_module_t *module, crm_str_t name)
{
    size_t                  i;
    const crm_blueprint_t  *blueprint;

    for (i = 0; i < module->blueprints.count; i++) {
        blueprint = module->blueprints.items[i];

        if (crm_str_eq(blueprint->name, name)) {
            return blueprint;
        }
    }

    return NULL;
}


unsigned
crm_course_state(const crm_blueprint_t *blueprint, const crm_value_t *value)
{
    unsigned  state;

    switch (value->type) {

    case CRM_VALUE_EMPTY:
        state = course_named(blueprint, CRM_STR("None"));

        return state != CRM_SLOT_NONE
               ? state : course_named(blueprint, CRM_STR("-None-"));

    case CRM_VALUE_TEXT:
    case CRM_VALUE_NUMBER:
        return course_named(blueprint, value->text);

    default:
        return CRM_SLOT_NONE;
    }
}


static unsigned
course_named(const crm_blueprint_t *blueprint, crm_str_t name)
{
    const crm_map_entry_t  *entry;

    entry = crm_map_find(&blueprint->states, name);

    return entry ? (unsigned) (entry - blueprint->states.entries)
                 : CRM_SLOT_NONE;
}


const crm_blueprint_state_t *
crm_course_state_at(const crm_blueprint_t *blueprint, unsigned state)
{
    return blueprint->states.entries[state].value;
}


crm_str_t
crm_course_field(const crm_module_t *module, const crm_blueprint_t *blueprint)
{
    return module->schema.names.entries[blueprint->slot].key;
}


crm_status_t
crm_course_take(const crm_blueprint_t **blueprint, unsigned *state,
    const crm_module_t *module, crm_eval_t *eval)
{
    size_t                  i;
    const crm_blueprint_t  *one;

    *blueprint = NULL;

    for (i = 0; i < module->blueprints.count; i++) {
        one = module->blueprints.items[i];
        *state = crm_course_state(one, &eval->image->slots[one->slot]);

        if (*state != CRM_SLOT_NONE
            && crm_eval_criteria(eval, &one->criteria) == CRM_TRUE)
        {
            *blueprint = one;
            break;
        }
    }

    return eval->status;
}


const crm_transition_t *
crm_course_transition(const crm_course_t *course, crm_str_t id)
{
    size_t                  i;
    const crm_blueprint_t  *blueprint;

    blueprint = course->blueprint;

    for (i = 0; blueprint && i < blueprint->transitions_count; i++) {
        if (crm_str_eq(blueprint->transitions[i].id, id)) {
            return &blueprint->transitions[i];
        }
    }

    return NULL;
}


int
crm_course_leads(const crm_course_t *course, const crm_transition_t *transition)
{
    size_t  i;

    if (transition->common) {
        return 1;
    }

    for (i = 0; i < transition->from_count; i++) {
        if (transition->from[i] == course->state) {
            return 1;
        }
    }

    return 0;
}


crm_status_t
crm_course_open(crm_open_t *open, crm_write_t *write,
    const crm_course_t *course, const crm_transition_t *transition)
{
    crm_who_near_t  near;

    *open = CRM_OPEN_NOT_HERE;

    if (!crm_course_leads(course, transition)) {
        return CRM_OK;
    }

    memset(&near, 0, sizeof(crm_who_near_t));
    near.owner = course_who(write, crm_dialect_owner_field(write->dialect));
    near.actor = write->actor.id;
    near.field = course_who;
    near.data = write;

    *open = CRM_OPEN_NOT_YOURS;

    if (write->chain == NULL && transition->owners_count
        && !crm_who_is(write->rules, transition->owners,
                       transition->owners_count, &near, write->actor.id))
    {
        return CRM_OK;
    }

    *open = crm_eval_criteria(&write->stored_eval, &transition->criteria)
            == CRM_TRUE ? CRM_OPEN : CRM_OPEN_NOT_NOW;

    return write->stored_eval.status;
}


/* The id in a field of the stored record: of a lookup, or as it stands. */
static crm_str_t
course_who(void *data, crm_str_t name)
{
    crm_value_t         value;
    const crm_write_t  *write;
    const crm_field_t  *field;

    write = data;
    field = crm_record_field(write->before, name);

    if (field == NULL
        || crm_value_from_span(&value, field->value, write->pool) != CRM_OK
        || (value.type != CRM_VALUE_OBJECT && value.type != CRM_VALUE_TEXT
            && value.type != CRM_VALUE_NUMBER))
    {
        return CRM_STR_NULL;
    }

    return value.text;
}

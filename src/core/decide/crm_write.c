/*
 * A write as it is judged: its images and its changed set.
 */

#include "decide/crm_write.h"

#include "record/crm_dialect_file.h"
#include "record/crm_finder.h"
#include "record/crm_token.h"
#include "record/crm_value_typed.h"


#define WRITE_FEW_ONCE  8


static void write_filled(crm_write_t *write);
static crm_status_t write_images(crm_write_t *write);
static crm_status_t write_actor(crm_write_t *write);
static crm_status_t write_changed(crm_write_t *write);
static crm_status_t write_differs(crm_write_t *write,
    const crm_field_t *field, crm_finder_t *stored, int *differs);
static int write_wraps(const crm_write_t *write, const crm_field_t *field,
    const crm_value_t *old, const crm_value_t *new);
static void write_note(crm_write_t *write, size_t i);


crm_status_t
crm_write_init(crm_write_t *write, crm_pool_t *pool)
{
    crm_status_t             rc;
    const crm_predicates_t  *predicates;

    write->pool = pool;
    write->once = NULL;
    write->course = NULL;
    write->scope.zone = write->rules ? crm_ruleset_zone(write->rules) : NULL;
    write->scope.now_ms = write->now_ms;
    write->scope.actor = &write->actor;
    write->scope.week_start = write->rules
                              ? crm_ruleset_hours(write->rules)->week_start
                              : 0;

    predicates = &write->module->predicates;
    rc = write_images(write);

    if (rc == CRM_OK && write->before) {
        rc = crm_eval_init(&write->stored_eval, &write->stored, predicates,
                           &write->scope, pool);
    }

    if (rc == CRM_OK && write->before
        && write->after.slots == write->stored.slots)
    {
        /* what is found out of the one is known of the other */

        write->after_eval = write->stored_eval;
        write->after_eval.image = &write->after;

    } else if (rc == CRM_OK) {
        write_filled(write);
        rc = crm_eval_init(&write->after_eval, &write->after, predicates,
                           &write->scope, pool);
    }

    if (rc == CRM_OK) {
        rc = write_actor(write);
    }

    return rc == CRM_OK ? write_changed(write) : rc;
}


/* What is stored, and the request laid over it. */
static crm_status_t
write_images(crm_write_t *write)
{
    crm_status_t         rc;
    crm_value_type_t     absent;
    const crm_schema_t  *schema;

    schema = &write->module->schema;

    if (write->before == NULL) {
        return crm_image_build(&write->after, schema, NULL, write->request,
                               CRM_VALUE_EMPTY, write->pool);
    }

    /* what a stored record does not show, nobody has learnt */

    absent = write->absent_is_null ? CRM_VALUE_EMPTY : CRM_VALUE_UNKNOWN;

    rc = crm_image_build(&write->stored, schema, write->before, NULL, absent,
                         write->pool);

    if (rc != CRM_OK || write->request == NULL) {
        write->after = write->stored;
        return rc;
    }

    return crm_image_over(&write->after, &write->stored, schema,
                          write->request, write->pool);
}


/* What the backend fills at creation, nobody has learnt either. To rules that
 * were made for the vendor of zoho it is empty before. */
static void
write_filled(crm_write_t *write)
{
    size_t               i;
    crm_value_t         *value;
    const crm_schema_t  *schema;

    if (write->operation != CRM_OP_CREATE || write->request == NULL
        || write->dialect == NULL || write->dialect->file->mechanism)
    {
        return;
    }

    schema = &write->module->schema;

    for (i = 0; i < schema->names.count; i++) {
        value = &write->after.slots[(uintptr_t) schema->names.entries[i].value
                                    - 1];

        if (value->type == CRM_VALUE_EMPTY
            && !crm_record_field(write->request, schema->names.entries[i].key)
            && crm_dialect_backend_sets(write->dialect,
                                        schema->names.entries[i].key))
        {
            value->type = CRM_VALUE_UNKNOWN;
        }
    }
}


const crm_field_t *
crm_write_field(const crm_write_t *write, crm_str_t name)
{
    const crm_field_t  *field;

    field = write->request ? crm_record_field(write->request, name) : NULL;

    if (field == NULL && write->before) {
        field = crm_record_field(write->before, name);
    }

    return field;
}


/*
 * A record may remember thousands of rules, and as many may ask: then they are
 * looked up, not looked through.
 */
crm_status_t
crm_write_once(crm_write_t *write, crm_str_t rule, int *had)
{
    size_t              i;
    const crm_state_t  *state;

    state = write->state;

    if (state == NULL || state->n_once <= WRITE_FEW_ONCE) {
        *had = state && crm_state_has_once(state, rule);
        return CRM_OK;
    }

    if (write->once == NULL) {
        write->once = crm_pool_alloc(write->pool, sizeof(crm_map_t));
        if (write->once == NULL) {
            return CRM_ENOMEM;
        }

        crm_map_init(write->once, write->pool);

        for (i = 0; i < state->n_once; i++) {
            if (crm_map_add(write->once, state->once[i]) == NULL) {
                write->once = NULL;
                return CRM_ENOMEM;
            }
        }
    }

    *had = crm_map_find(write->once, rule) != NULL;

    return CRM_OK;
}


crm_status_t
crm_write_same(const crm_write_t *write, crm_str_t name, uint32_t hash,
    const crm_value_t *a, const crm_value_t *b, int *same)
{
    unsigned             slot;
    const crm_schema_t  *schema;
    crm_status_t         rc;

    rc = crm_value_same(a, b, write->pool, same);

    if (rc != CRM_OK || *same) {
        return rc;
    }

    schema = &write->module->schema;
    slot = crm_schema_find(schema, name, hash);

    return slot == CRM_SLOT_NONE ? CRM_OK
           : crm_value_typed_same(a, b, schema->types[slot],
                                  write->scope.zone, write->pool, same);
}


/*
 * The id may come from a client's header, of any bytes. It is told in intent,
 * jobs and trace, which must stay JSON: a byte that is no UTF-8 becomes '?'.
 */
static crm_status_t
write_actor(crm_write_t *write)
{
    char               *id;
    crm_str_t           copy;
    const char         *p, *last, *next;
    crm_token_fault_t   fault;

    if (write->actor.id.len == 0) {
        return CRM_OK;
    }

    p = write->actor.id.data;
    last = p + write->actor.id.len;
    id = NULL;

    while ((p = crm_plain_ascii(p, last)) < last) {
        next = crm_token_utf8(p, last, &fault);
        if (next) {
            p = next;
            continue;
        }

        if (id == NULL) {
            copy = crm_pool_dup(write->pool, write->actor.id);
            if (copy.data == NULL) {
                return CRM_ENOMEM;
            }

            id = (char *) copy.data;
        }

        p = fault.at;
        id[p - write->actor.id.data] = '?';
        p++;
    }

    if (id) {
        write->actor.id.data = id;
    }

    return CRM_OK;
}


static crm_status_t
write_changed(crm_write_t *write)
{
    int                 differs;
    size_t              i, n;
    crm_finder_t        stored;
    crm_status_t        rc;
    const crm_field_t  *field;

    n = write->request ? write->request->count : 0;
    crm_finder_init(&stored, write->before, write->pool);

    write->changed_count = 0;
    write->changed = crm_pool_calloc(write->pool, n + 1, 1);
    write->changed_slot = crm_pool_calloc(write->pool,
                                          write->module->schema.count + 1, 1);

    if (write->changed == NULL || write->changed_slot == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < n; i++) {
        field = &write->request->fields[i];

        if (crm_str_is(field->name, "id")) {
            continue;
        }

        differs = !crm_value_span_empty(field->value);

        if (write->before) {
            rc = write_differs(write, field, &stored, &differs);
            if (rc != CRM_OK) {
                return rc;
            }
        }

        if (differs) {
            write_note(write, i);
        }
    }

    return CRM_OK;
}


/* Does a field of the request differ from what is stored? */
static crm_status_t
write_differs(crm_write_t *write, const crm_field_t *field,
    crm_finder_t *stored, int *differs)
{
    int                 same;
    crm_value_t         old, new;
    crm_status_t        rc;
    const crm_field_t  *there;

    *differs = 0;
    rc = crm_finder_find(stored, field, &there);

    /* most fields of an update are sent as they were read */

    if (rc != CRM_OK || (there && crm_span_same(field->value, there->value))) {
        return rc;
    }

    rc = crm_value_from_span(&new, field->value, write->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    if (there) {
        rc = crm_value_from_span(&old, there->value, write->pool);

    } else {
        memset(&old, 0, sizeof(crm_value_t));
        old.type = write->absent_is_null ? CRM_VALUE_EMPTY
                                         : CRM_VALUE_UNKNOWN;
    }

    if (rc == CRM_OK) {
        rc = crm_write_same(write, field->name, field->hash, &old, &new,
                            &same);
    }

    *differs = rc == CRM_OK && (!same || write_wraps(write, field, &old,
                                                     &new));

    return rc;
}


/* An object with an id names what a lookup holds. Where something else is
 * stored, a backend that takes it would keep the object: of a field that is not
 * declared, only a text of digits passes for an id. */
static int
write_wraps(const crm_write_t *write, const crm_field_t *field,
    const crm_value_t *old, const crm_value_t *new)
{
    size_t               i;
    unsigned             slot;
    const crm_schema_t  *schema;

    if (new->type != CRM_VALUE_OBJECT || old->type == CRM_VALUE_OBJECT) {
        return 0;
    }

    schema = &write->module->schema;
    slot = crm_schema_find(schema, field->name, field->hash);

    if (slot != CRM_SLOT_NONE && schema->types[slot] != CRM_FIELD_ANY) {
        return schema->types[slot] != CRM_FIELD_LOOKUP;
    }

    for (i = 0; old->type == CRM_VALUE_TEXT && i < old->text.len; i++) {
        if (old->text.data[i] < '0' || old->text.data[i] > '9') {
            return 1;
        }
    }

    return old->type != CRM_VALUE_TEXT;
}


/* The i-th field of the request changes. */
static void
write_note(crm_write_t *write, size_t i)
{
    unsigned            slot;
    const crm_field_t  *field;

    field = &write->request->fields[i];

    write->changed[i] = 1;
    write->changed_count++;

    if (write->operation != CRM_OP_UPDATE) {
        return;                     /* nobody watches fields of a create */
    }

    slot = crm_schema_find(&write->module->schema, field->name, field->hash);
    if (slot != CRM_SLOT_NONE) {
        write->changed_slot[slot] = 1;
    }
}

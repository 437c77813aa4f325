/*
 * What a write makes of a record's course.
 */

#include "transform/crm_course_move.h"


static void move_in(crm_course_move_t *move, const crm_write_t *write,
    const crm_course_t *course, const crm_image_t *image);
static const char *move_left(const crm_write_t *write,
    const crm_course_t *course, const crm_changes_t *changes);
static int move_enters(const crm_write_t *write);
static crm_status_t move_enter(crm_course_move_t *move,
    const crm_write_t *write, const crm_image_t *image);
static crm_status_t move_keep(crm_course_move_t *move,
    const crm_write_t *write);


crm_status_t
crm_course_move(crm_course_move_t *move, crm_write_t *write,
    const crm_changes_t *changes)
{
    crm_image_t    image;
    crm_course_t   *course;
    crm_status_t   rc;

    memset(move, 0, sizeof(crm_course_move_t));

    if (write->module->blueprints.count == 0
        || (write->operation != CRM_OP_CREATE
            && (write->operation != CRM_OP_UPDATE || write->before == NULL)))
    {
        return CRM_OK;
    }

    rc = crm_course_find(&course, write);
    if (rc == CRM_OK) {
        rc = crm_changes_image(&image, changes, &write->after,
                               &write->module->schema, write->pool);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (course->blueprint) {
        move_in(move, write, course, &image);
    }

    if (move->blueprint == NULL) {
        if (course->had) {
            move->left = move_left(write, course, changes);
        }

        if (move_enters(write)) {
            rc = move_enter(move, write, &image);
        }

        move->keeps = course->had || move->blueprint;
    }

    return rc == CRM_OK && move->how ? move_keep(move, write) : rc;
}


/* Of a record in process: does it stay where it is? */
static void
move_in(crm_course_move_t *move, const crm_write_t *write,
    const crm_course_t *course, const crm_image_t *image)
{
    unsigned            state;
    const crm_value_t  *value;

    (void) write;

    value = &image->slots[course->blueprint->slot];

    state = value->type == CRM_VALUE_UNKNOWN
            ? course->state : crm_course_state(course->blueprint, value);

    if (state == CRM_SLOT_NONE) {
        return;
    }

    move->blueprint = course->blueprint;
    move->state = state;
    move->transition = course->transition;

    if (course->transition && state == course->transition->to) {
        move->how = CRM_COURSE_TRANSITION;

    } else if (state != course->state || course->astray) {
        move->how = CRM_COURSE_EDITED;
    }

    move->keeps = move->how != NULL;
}


static const char *
move_left(const crm_write_t *write, const crm_course_t *course,
    const crm_changes_t *changes)
{
    crm_str_t            field;
    const crm_change_t  *change;

    if (course->blueprint == NULL) {
        return course->unread || course->gone ? CRM_COURSE_PROCESS_EXIT
                                            : CRM_COURSE_EXIT_API;
    }

    field = crm_course_field(write->module, course->blueprint);
    change = crm_changes_find(changes, field);

    return write->chain || (change && !change->same) ? CRM_COURSE_EXIT
                                                     : CRM_COURSE_RECORD_EXIT;
}


/* Whether the client lets blueprints run: all do, or those that it lists. */
static int
move_enters(const crm_write_t *write)
{
    size_t      cursor;
    crm_span_t  name;

    if (write->trigger.type != CRM_JSON_ARRAY) {
        return 1;
    }

    cursor = 0;

    while (crm_span_next(write->trigger, &cursor, NULL, &name)) {
        if (crm_dialect_run(name) & CRM_RUN_BLUEPRINT) {
            return 1;
        }
    }

    return 0;
}


static crm_status_t
move_enter(crm_course_move_t *move, const crm_write_t *write,
    const crm_image_t *image)
{
    crm_eval_t    eval;
    crm_status_t  rc;

    rc = crm_eval_init(&eval, image, &write->module->predicates,
                       &write->scope, write->pool);
    if (rc == CRM_OK) {
        rc = crm_course_take(&move->blueprint, &move->state, write->module,
                            &eval);
    }

    if (rc == CRM_OK && move->blueprint) {
        move->how = CRM_COURSE_ENTERED;
    }

    return rc;
}


static crm_status_t
move_keep(crm_course_move_t *move, const crm_write_t *write)
{
    crm_buf_t         buf;
    crm_course_kept_t  kept;

    memset(&kept, 0, sizeof(crm_course_kept_t));

    kept.blueprint = move->blueprint->name;
    kept.state = crm_course_state_at(move->blueprint, move->state)->name;
    kept.since_ms = write->now_ms;
    kept.event = write->event;
    kept.transition = move->transition && move->transition->to == move->state
                      ? move->transition->id : CRM_STR("");

    crm_buf_init(&buf, write->pool, 0);
    crm_course_encode(&buf, &kept);
    move->kept = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}

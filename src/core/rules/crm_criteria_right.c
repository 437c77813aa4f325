/*
 * The right side of a leaf: constants, another field, tokens.
 *
 * Both sides get one type to be read as: the declared one of the field, else
 * that of the other field, else none.
 */

#include "rules/crm_criteria_leaf.h"

#include "rules/crm_variable.h"


static crm_status_t right_count_error(crm_leaf_t *l, const crm_trail_t *at);
static crm_status_t right_tokens(crm_leaf_t *l, const json_t *json,
    const crm_trail_t *at);
static int right_is_token(const json_t *json);
static crm_status_t right_operand(crm_leaf_t *l, size_t i, const json_t *json,
    const crm_trail_t *at);
static crm_status_t right_empty(crm_leaf_t *l, crm_operand_t *operand,
    const crm_trail_t *at);
static crm_status_t right_variable(crm_leaf_t *l, crm_operand_t *operand,
    crm_str_t name, const crm_trail_t *at);
static crm_status_t right_constant(crm_leaf_t *l, crm_operand_t *operand,
    crm_str_t written, const crm_trail_t *at);
static crm_status_t right_as_written(crm_leaf_t *l, crm_operand_t *operand,
    crm_str_t written, const crm_trail_t *at);
static crm_status_t right_other_field(crm_leaf_t *l, crm_operand_t *operand,
    const json_t *json, crm_str_t written, const crm_trail_t *at);
static crm_status_t right_token(crm_leaf_t *l, crm_operand_t *operand,
    crm_str_t text, crm_str_t written, const crm_trail_t *at);
static crm_status_t right_owner(crm_leaf_t *l, crm_operand_t *operand,
    const crm_trail_t *at);
static crm_status_t right_constant_error(crm_leaf_t *l,
    const crm_operand_t *operand, const crm_trail_t *at);
static crm_status_t right_times(crm_leaf_t *l, const crm_trail_t *at);
static int right_is_time(crm_field_type_t type);
static int right_alike(crm_field_type_t a, crm_field_type_t b);


crm_status_t
crm_criteria_right(crm_leaf_t *l, const json_t *json, const crm_trail_t *at)
{
    size_t        i, count;
    int           listed;
    json_t       *item;
    crm_trail_t   below;
    crm_status_t  rc, all;

    const crm_comparator_t  *c = l->p.comparator;

    listed = c->max > 1
             && (json_is_array(json) || !(c->flags & CRM_COMPARES_BARE));
    count = listed && json_is_array(json) ? json_array_size(json) : 1;

    if (listed && !json_is_array(json)) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_type", NULL,
                               "the value of \"%s\" must be a list", c->name);
    }

    if (count < c->min || count > c->max) {
        return right_count_error(l, at);
    }

    if (l->tokens) {
        all = right_tokens(l, json, at);
        if (all != CRM_OK) {
            return all;
        }
    }

    l->p.operands = crm_pool_calloc(l->cc->pool, count, sizeof(crm_operand_t));
    if (l->p.operands == NULL) {
        return CRM_ENOMEM;
    }

    l->p.count = (unsigned) count;
    l->p.timed = right_is_time(l->p.type);

    if (!listed) {
        all = right_operand(l, 0, json, at);
        return all == CRM_OK ? right_times(l, at) : all;
    }

    all = CRM_OK;

    json_array_foreach((json_t *) json, i, item) {
        below = crm_trail_index(at, i);

        rc = right_operand(l, i, item, &below);
        if (!crm_shape_go_on(&all, rc)) {
            return all;
        }
    }

    return all == CRM_OK ? right_times(l, at) : all;
}


static crm_status_t
right_count_error(crm_leaf_t *l, const crm_trail_t *at)
{
    const crm_comparator_t  *c = l->p.comparator;

    if (c->min == c->max) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_type", NULL,
                               "the value of \"%s\" must be a list of %u"
                               " values", c->name, c->min);
    }

    return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                           "limit_exceeded", NULL,
                           "the value of \"%s\" must be a list of %u to %u"
                           " values", c->name, c->min, c->max);
}


/* TODAY for ${TODAY} would be a text that no date is ever compared with. */
static crm_status_t
right_tokens(crm_leaf_t *l, const json_t *json, const crm_trail_t *at)
{
    size_t            i;
    json_t           *item;
    crm_str_t         token;
    crm_predefined_t  parsed;

    if (right_is_token(json)) {
        return CRM_OK;
    }

    json_array_foreach((json_t *) json, i, item) {
        if (right_is_token(item)) {
            return CRM_OK;
        }
    }

    token = crm_pool_printf(l->cc->pool, "${%s}",
                            json_is_string(json) ? json_string_value(json)
                                                 : "");
    if (token.data == NULL) {
        return CRM_ENOMEM;
    }

    if (crm_predefined_parse(&parsed, token) == CRM_OK) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", token.data,
                               "a token is written \"%s\"", token.data);
    }

    return crm_shape_error(l->cc, crm_trail_path(l->cc, at), "wrong_value",
                           NULL,
                           "\"type: pre_defined\" needs a token such as"
                           " ${TODAY+7} or ${CURRENTUSER}; leave it out where"
                           " the value is a constant");
}


static int
right_is_token(const json_t *json)
{
    crm_str_t  text;

    text = crm_shape_str(json);

    return text.len > 2 && memcmp(text.data, "${", 2) == 0;
}


static crm_status_t
right_operand(crm_leaf_t *l, size_t i, const json_t *json,
    const crm_trail_t *at)
{
    crm_str_t       given, name, written;
    crm_operand_t  *operand;

    operand = &l->p.operands[i];
    given = crm_shape_str(json);
    written = crm_str(l->p.key.data + l->offsets[i],
                      l->offsets[i + 1] - l->offsets[i] - 1);

    if (crm_str_is(given, "${EMPTY}")) {
        return right_empty(l, operand, at);
    }

    if (l->fields) {
        return right_other_field(l, operand, json, written, at);
    }

    if (crm_variable_is(given, &name)) {
        return right_variable(l, operand, name, at);
    }

    if (given.len > 2 && memcmp(given.data, "${", 2) == 0) {
        return crm_str_is(given, "${OWNER}") && l->tokens
               ? right_owner(l, operand, at)
               : right_token(l, operand, given, written, at);
    }

    return right_constant(l, operand, written, at);
}


static crm_status_t
right_empty(crm_leaf_t *l, crm_operand_t *operand, const crm_trail_t *at)
{
    if (!(l->p.comparator->flags & CRM_COMPARES_EMPTY)) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", "equal",
                               "${EMPTY} goes with equal and not_equal, not"
                               " with \"%s\"", l->p.comparator->name);
    }

    if (l->p.count > 1) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", "${EMPTY}",
                               "${EMPTY} stands alone, not beside other"
                               " values");
    }

    operand->is_empty = 1;
    operand->dated = 2;
    operand->value.type = CRM_VALUE_EMPTY;
    (void) crm_operand_key(operand);

    return CRM_OK;
}


/* ${!Variables.x}: what the variable holds, or nothing. */
static crm_status_t
right_variable(crm_leaf_t *l, crm_operand_t *operand, crm_str_t name,
    const crm_trail_t *at)
{
    const crm_variable_t  *variable;

    variable = crm_variable_find(name, crm_trail_path(l->cc, at), l->cc);
    if (variable == NULL || variable->json.data == NULL) {
        return CRM_EINVAL;
    }

    if (crm_str_is(variable->json, "null")) {
        return right_empty(l, operand, at);
    }

    return right_constant(l, operand, variable->json, at);
}


static crm_status_t
right_constant(crm_leaf_t *l, crm_operand_t *operand, crm_str_t written,
    const crm_trail_t *at)
{
    crm_status_t  rc;

    rc = right_as_written(l, operand, written, at);
    if (rc != CRM_OK) {
        return rc;
    }

    (void) crm_operand_key(operand);

    return right_constant_error(l, operand, at);
}


/* The JSON of a constant, a field's name or a token, which lives as long as
 * the rules: what is shown of it. */
static crm_status_t
right_as_written(crm_leaf_t *l, crm_operand_t *operand, crm_str_t written,
    const crm_trail_t *at)
{
    crm_value_t   value;
    crm_status_t  rc;

    rc = crm_value_parse(&value, written, l->cc->pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc
               : crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                                 "wrong_value", NULL,
                                 "the value cannot be compared with a field");
    }

    return crm_operand_init(operand, &value, l->cc->pool);
}


/* type: field. Both fields are read as the type that either declares. */
static crm_status_t
right_other_field(crm_leaf_t *l, crm_operand_t *operand, const json_t *json,
    crm_str_t written, const crm_trail_t *at)
{
    unsigned                 slot;
    crm_status_t             rc;
    crm_schema_t            *schema;
    crm_field_type_t         type;
    const crm_comparator_t  *c;

    schema = l->cc->schema;

    rc = crm_criteria_leaf_field(l, &slot, json, at);
    if (rc != CRM_OK) {
        return rc;
    }

    type = schema->types[slot];

    if (!right_alike(l->p.type, type)) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "a field of type %s cannot be compared with"
                               " one of type %s",
                               crm_schema_type_name(schema, l->p.slot),
                               crm_schema_type_name(schema, slot));
    }

    if (type == CRM_FIELD_ENCRYPTED
        && !(l->p.comparator->types & (1u << type)))
    {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "the field is encrypted, and takes \"equal\""
                               " alone, not \"%s\"", l->p.comparator->name);
    }

    if (l->p.type == CRM_FIELD_ANY) {
        l->p.type = type;

        c = crm_comparator_find(crm_strz(l->p.comparator->name), type);
        if (c->types & (1u << type)) {
            l->p.comparator = c;
        }
    }

    rc = right_as_written(l, operand, written, at);

    operand->source = CRM_OPERAND_FIELD;
    operand->slot = slot;
    l->p.timed = l->p.timed || right_is_time(type);
    return rc;
}


static crm_status_t
right_token(crm_leaf_t *l, crm_operand_t *operand, crm_str_t text,
    crm_str_t written, const crm_trail_t *at)
{
    int                time;
    crm_status_t       rc;
    crm_predefined_t   token, *kept;

    if (crm_predefined_parse(&token, text) != CRM_OK) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", "${EMPTY}",
                               "\"%s\" is no value that a field can be"
                               " compared with; ${EMPTY} is the empty value,"
                               " and with type: pre_defined there are ${NOW},"
                               " ${TODAY+7}, ${STARTOF:week}, ${ENDOF:month},"
                               " ${CURRENTUSER}, ${OWNER}", text.data);
    }

    if (!l->tokens) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "\"%s\" needs \"type: pre_defined\" beside it",
                               text.data);
    }

    time = crm_predefined_is_time(&token);

    if (time && (l->p.comparator->flags
                 & (CRM_COMPARES_TEXT | CRM_COMPARES_BARE)))
    {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "\"%s\" is a time, which \"%s\" does not"
                               " compare with", text.data,
                               l->p.comparator->name);
    }

    if (l->p.type != CRM_FIELD_ANY
        && (time ? !right_is_time(l->p.type)
            : right_is_time(l->p.type) || l->p.type == CRM_FIELD_NUMBER
              || l->p.type == CRM_FIELD_BOOLEAN
              || l->p.type == CRM_FIELD_OTHER))
    {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "\"%s\" is no value of a field of type %s",
                               text.data,
                               crm_schema_type_name(l->cc->schema,
                                                    l->p.slot));
    }

    kept = crm_pool_alloc(l->cc->pool, sizeof(crm_predefined_t));
    if (kept == NULL) {
        return CRM_ENOMEM;
    }

    *kept = token;

    rc = right_as_written(l, operand, written, at);

    operand->source = CRM_OPERAND_TOKEN;
    operand->u.token = kept;
    l->p.timed = l->p.timed || time;
    return rc;
}


/* ${OWNER} is the field Owner by another name. */
static crm_status_t
right_owner(crm_leaf_t *l, crm_operand_t *operand, const crm_trail_t *at)
{
    json_t        *owner;
    crm_status_t   rc;

    owner = json_string("Owner");
    if (owner == NULL) {
        return CRM_ENOMEM;
    }

    rc = right_other_field(l, operand, owner, CRM_STR("\"Owner\""), at);
    json_decref(owner);

    return rc;
}


/* What a declared type, or a comparator, asks of a constant. */
static crm_status_t
right_constant_error(crm_leaf_t *l, const crm_operand_t *operand,
    const crm_trail_t *at)
{
    crm_value_type_t         type;
    const crm_comparator_t  *c;

    c = l->p.comparator;
    type = operand->value.type;

    if (type == CRM_VALUE_EMPTY) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", "${EMPTY}",
                               "to compare with the empty value write"
                               " \"${EMPTY}\"");
    }

    if (l->p.type == CRM_FIELD_NUMBER && !operand->numeric) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "the field is a number, so the value must be"
                               " one");
    }

    if (l->p.type == CRM_FIELD_BOOLEAN && type != CRM_VALUE_BOOL) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "the field is a boolean, so the value must be"
                               " true or false");
    }

    if ((c->flags & (CRM_COMPARES_ORDER | CRM_COMPARES_TEXT))
        && type != CRM_VALUE_NUMBER && type != CRM_VALUE_TEXT)
    {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "\"%s\" needs a number or text", c->name);
    }

    if ((c->flags & CRM_COMPARES_BARE) && type == CRM_VALUE_LIST) {
        return crm_shape_error(l->cc, crm_trail_path(l->cc, at),
                               "wrong_value", NULL,
                               "a member of a list cannot be a list");
    }

    return CRM_OK;
}


/* Where dates are compared each constant must be one. */
static crm_status_t
right_times(crm_leaf_t *l, const crm_trail_t *at)
{
    unsigned        i;
    crm_trail_t     below;
    crm_operand_t  *o;

    if (!l->p.timed) {
        return CRM_OK;
    }

    for (i = 0; i < l->p.count; i++) {
        o = &l->p.operands[i];

        if (o->source == CRM_OPERAND_VALUE && !o->is_empty
            && !crm_operand_dated(o, l->cc->zone))
        {
            below = crm_trail_index(at, i);

            return crm_shape_error(l->cc, crm_trail_path(l->cc,
                                       l->p.count > 1 ? &below : at),
                                   "wrong_value", NULL,
                                   "the field is a date or a time, so the"
                                   " value must be one, such as 2026-03-27 or"
                                   " 2026-03-27T16:30:00+01:00");
        }
    }

    return CRM_OK;
}


static int
right_is_time(crm_field_type_t type)
{
    return type == CRM_FIELD_DATE || type == CRM_FIELD_DATETIME;
}


/* Whether fields of these types can be compared with one another. */
static int
right_alike(crm_field_type_t a, crm_field_type_t b)
{
    unsigned  text;

    text = 1u << CRM_FIELD_TEXT | 1u << CRM_FIELD_TEXTAREA
           | 1u << CRM_FIELD_PICKLIST | 1u << CRM_FIELD_ENCRYPTED;

    return a == b || a == CRM_FIELD_ANY || b == CRM_FIELD_ANY
           || (right_is_time(a) && right_is_time(b))
           || ((1u << a & text) && (1u << b & text))
           || (a == CRM_FIELD_LOOKUP && (1u << b & text))
           || (a == CRM_FIELD_MULTIPICK
               && ((1u << b & text) || b == CRM_FIELD_LOOKUP));
}

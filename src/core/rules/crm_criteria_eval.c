/*
 * Criteria against an image: true, false or unknown, each predicate at most
 * once a record.
 */

#include "rules/crm_criteria.h"


static void eval_remember(crm_eval_t *eval, unsigned predicate,
    crm_truth_t t);
static crm_truth_t eval_node(crm_eval_t *eval, const crm_criteria_t *criteria,
    unsigned index);
static crm_operand_t *eval_token(crm_eval_t *eval,
    const crm_predefined_t *token);
static crm_str_t eval_token_json(crm_eval_t *eval,
    const crm_operand_t *token);


crm_status_t
crm_eval_init(crm_eval_t *eval, const crm_image_t *image,
    const crm_predicates_t *predicates, const crm_scope_t *scope,
    crm_pool_t *pool)
{
    memset(eval, 0, sizeof(crm_eval_t));

    eval->image = image;
    eval->predicates = predicates;
    eval->scope = scope;
    eval->pool = pool;

    eval->cache = crm_pool_alloc(pool, (image->count + 1)
                                       * sizeof(crm_operand_t));
    eval->cached = crm_pool_calloc(pool, image->count + 1, 1);
    eval->memo = crm_pool_calloc(pool, predicates->count / CRM_EVAL_PAGE + 1,
                                 sizeof(uint8_t *));

    if (eval->cache == NULL || eval->cached == NULL || eval->memo == NULL) {
        return CRM_ENOMEM;
    }

    return CRM_OK;
}


crm_truth_t
crm_eval_criteria(crm_eval_t *eval, const crm_criteria_t *criteria)
{
    if (criteria->nodes == NULL) {
        return CRM_TRUE;
    }

    return eval_node(eval, criteria, 0);
}


crm_truth_t
crm_eval_predicate(crm_eval_t *eval, unsigned predicate)
{
    int  known;

    known = crm_eval_known(eval, predicate);

    return known >= 0 ? (crm_truth_t) known : crm_eval_test(eval, predicate);
}


crm_truth_t
crm_eval_test(crm_eval_t *eval, unsigned predicate)
{
    uint8_t                *page;
    crm_truth_t             t;
    crm_operand_t          *left;
    const crm_predicate_t  *p;

    p = eval->predicates->items[predicate];

    left = eval->cached[p->slot] ? &eval->cache[p->slot]
                                 : crm_eval_operand(eval, p->slot);
    if (left == NULL) {
        return CRM_MAYBE;
    }

    t = p->comparator->test(eval, left, p);

    if (eval->status != CRM_OK) {
        return CRM_MAYBE;
    }

    if (p->uses > 1) {
        page = eval->memo[predicate / CRM_EVAL_PAGE];

        if (page) {
            page[predicate % CRM_EVAL_PAGE] = (uint8_t) (t + 1);

        } else {
            eval_remember(eval, predicate, t);
        }
    }

    return t;
}


crm_operand_t *
crm_eval_operand(crm_eval_t *eval, unsigned slot)
{
    if (!eval->cached[slot]) {
        if (crm_operand_init(&eval->cache[slot], &eval->image->slots[slot],
                             eval->pool) != CRM_OK)
        {
            eval->status = CRM_ENOMEM;
            return NULL;
        }

        eval->cached[slot] = 1;
    }

    return &eval->cache[slot];
}


crm_operand_t *
crm_eval_right(crm_eval_t *eval, crm_operand_t *operand)
{
    switch (operand->source) {

    case CRM_OPERAND_FIELD:
        return crm_eval_operand(eval, operand->slot);

    case CRM_OPERAND_TOKEN:
        return eval_token(eval, operand->u.token);

    default:
        return operand;
    }
}


crm_str_t
crm_eval_right_json(crm_eval_t *eval, crm_operand_t *operand)
{
    crm_operand_t  *right;

    if (operand->is_empty) {
        return CRM_STR("\"${EMPTY}\"");
    }

    right = crm_eval_right(eval, operand);

    if (right == NULL || right->value.type == CRM_VALUE_UNKNOWN) {
        return CRM_STR("\"unknown\"");
    }

    if (operand->source == CRM_OPERAND_TOKEN) {
        return eval_token_json(eval, right);
    }

    return right->value.span.type == CRM_JSON_NONE
           ? CRM_STR("null") : crm_span_raw(right->value.span);
}


/* On a page that is new. It comes with its first result: of a hundred thousand
 * rules a record asks few. */
static void
eval_remember(crm_eval_t *eval, unsigned predicate, crm_truth_t t)
{
    uint8_t  *page;

    page = crm_pool_calloc(eval->pool, CRM_EVAL_PAGE, 1);
    if (page == NULL) {
        eval->status = CRM_ENOMEM;
        return;
    }

    page[predicate % CRM_EVAL_PAGE] = (uint8_t) (t + 1);
    eval->memo[predicate / CRM_EVAL_PAGE] = page;
}


/* Depth is bounded by CRM_MAX_CRITERIA_DEPTH, or by the length of a pattern. */
static crm_truth_t
eval_node(crm_eval_t *eval, const crm_criteria_t *criteria, unsigned index)
{
    unsigned           i;
    crm_truth_t        t, all, decides;
    const crm_node_t  *node;

    node = &criteria->nodes[index];

    if (node->type == CRM_NODE_LEAF) {
        return crm_eval_predicate(eval, node->predicate);
    }

    decides = node->type == CRM_NODE_AND ? CRM_FALSE : CRM_TRUE;
    all = !decides;

    for (i = index + 1; i < node->next; i = criteria->nodes[i].next) {
        t = eval_node(eval, criteria, i);

        if (t == decides) {
            return t;
        }
        if (t == CRM_MAYBE) {
            all = t;
        }
    }

    return all;
}


/* A time has its moment, and a text that is no UTF-8 and so like no other. */
static crm_operand_t *
eval_token(crm_eval_t *eval, const crm_predefined_t *token)
{
    crm_value_t  value;

    if (eval->token == NULL) {
        eval->token = crm_pool_alloc(eval->pool, sizeof(crm_operand_t));

        if (eval->token == NULL) {
            eval->status = CRM_ENOMEM;
            return NULL;
        }
    }

    memset(&value, 0, sizeof(crm_value_t));

    if (eval->scope && crm_predefined_is_time(token)) {
        memset(eval->token, 0, sizeof(crm_operand_t));
        eval->token->value.type = CRM_VALUE_TEXT;
        eval->token->folded = CRM_STR("\xff");
        eval->token->moment = crm_predefined_moment(token, eval->scope);
        eval->token->dated = 1;

        return eval->token;
    }

    if (!crm_predefined_is_time(token)
        && crm_predefined_text(token, eval->scope, &value.text) == CRM_OK)
    {
        value.type = value.text.len ? CRM_VALUE_TEXT : CRM_VALUE_EMPTY;
    }

    if (crm_operand_init(eval->token, &value, eval->pool) != CRM_OK) {
        eval->status = CRM_ENOMEM;
        return NULL;
    }

    return eval->token;
}


static crm_str_t
eval_token_json(crm_eval_t *eval, const crm_operand_t *token)
{
    char       text[CRM_MOMENT_LEN + 1];
    crm_buf_t  buf;

    if (token->value.type == CRM_VALUE_EMPTY) {
        return CRM_STR("null");
    }

    crm_buf_init(&buf, eval->pool, 0);
    crm_buf_json(&buf, token->dated == 1
                       ? crm_moment_text(text, &token->moment,
                                         eval->scope->zone)
                       : token->value.text);

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf)
                                          : CRM_STR("\"unknown\"");
}

/*
 * Patterns over numbered rows. They would fail by another precedence than that
 * of brackets, or by reading what the grammar has not.
 */

#include "crm_test.h"

#include "rules/crm_pattern.h"


/* The tree as AND(1,OR(2,3)). */
static unsigned
write_node(const crm_pattern_t *p, unsigned at, char *out, size_t room)
{
    unsigned     i;
    size_t       n;

    if (p->nodes[at].type == CRM_NODE_LEAF) {
        (void) snprintf(out, room, "%u", p->nodes[at].row);
        return at + 1;
    }

    (void) snprintf(out, room, "%s",
                    p->nodes[at].type == CRM_NODE_AND ? "AND" : "OR");

    for (i = at + 1; i < p->nodes[at].next; /* void */ ) {
        n = strlen(out);
        (void) snprintf(out + n, room - n, i == at + 1 ? "(" : ",");
        n = strlen(out);
        i = write_node(p, i, out + n, room - n);
    }

    n = strlen(out);
    (void) snprintf(out + n, room - n, ")");

    return p->nodes[at].next;
}


static void
patterns_are_read_from_left_to_right(void **state)
{
    size_t          i;
    char            out[256];
    crm_pool_t     *pool;
    crm_error_t     err;
    crm_pattern_t   p;

    static const struct {
        const char  *text;
        unsigned     rows;
        const char  *tree;
    } rows[] = {
        { "1", 1, "1" },
        { "1 and 2", 2, "AND(1,2)" },
        { "1 or 2 and 3", 3, "AND(OR(1,2),3)" },
        { "1 and 2 or 3", 3, "OR(AND(1,2),3)" },
        { "(1 and 2) or 3", 3, "OR(AND(1,2),3)" },
        { "1 and (2 or 3) and 4", 4, "AND(1,OR(2,3),4)" },
        { "((1))", 1, "1" },
        { "(1 and 2) and (3 and 4)", 4, "AND(1,2,3,4)" },
        { "1 or (2 or (3 or 4))", 4, "OR(1,2,3,4)" },
        { "1 or (2 and (3 or 4))", 4, "OR(1,AND(2,OR(3,4)))" },
        { "(1)and(2)", 2, "AND(1,2)" },
        { " \t( 1\nAnd 2 ) OR\r3 ", 3, "OR(AND(1,2),3)" },
        { "1 or 2 or 1", 2, "OR(1,2,1)" },
        { "1 or 2 and 3 or 4 and 5", 5, "AND(OR(AND(OR(1,2),3),4),5)" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_row(crm_pattern_parse(&p, crm_strz(rows[i].text), rows[i].rows,
                                     pool, &err) == CRM_OK, rows[i].text);
        assert_int_equal(write_node(&p, 0, out, sizeof(out)), p.count);
        assert_string_equal(out, rows[i].tree);

        crm_pool_destroy(pool);
    }
}


static void
what_the_grammar_has_not_is_wrong_at_its_byte(void **state)
{
    size_t          i;
    crm_pool_t     *pool;
    crm_error_t     err;
    crm_pattern_t   p;

    static const struct {
        const char  *text;
        unsigned     rows;
        size_t       offset;
        const char  *says;
    } rows[] = {
        { "", 1, 0, "a row's number" },
        { "1 and 4", 3, 6, "no such row; rows are numbered 1 to 3" },
        { "0", 1, 0, "no such row" },
        { "01", 1, 0, "no such row" },
        { "1 and 99999999999999999999", 1, 6, "no such row" },
        { "1 2", 2, 2, "and, or or a closing bracket" },
        { "1 and", 1, 5, "a row's number" },
        { "and 1", 1, 0, "a row's number" },
        { "()", 1, 1, "a row's number" },
        { "1 xor 2", 2, 2, "and, or or a closing" },
        { "not 1", 1, 0, "a row's number" },
        { "1 and 1", 2, 7, "row 2 is not used" },
        { "(1 and 2", 2, 8, "not closed" },
        { "1 and 2)", 2, 7, "closes none" },
        { "1and 2", 2, 1, "a blank must stand" },
        { "1 and2", 2, 5, "a blank must stand" },
        { "1 && 2", 2, 2, "and, or or a closing" },
        { "1, 2", 2, 1, "and, or or a closing" },
        { "-1", 1, 0, "a row's number" },
        { "((((((((((((((((((((((((((1))))))))))))))))))))))))))", 1, 25,
          "deeper than 25" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pool = crm_test_pool();

        assert_row(crm_pattern_parse(&p, crm_strz(rows[i].text), rows[i].rows,
                                     pool, &err) == CRM_EINVAL, rows[i].text);
        assert_row(strstr(err.text, rows[i].says) != NULL, err.text);
        assert_int_equal(err.offset, rows[i].offset);

        crm_pool_destroy(pool);
    }
}


/* ---- against a parser of another make: no tree, evaluated while read ---- */

typedef struct {
    const char  *p;
    unsigned     truths;            /* bit by row */
    unsigned     rows;
    unsigned     used;
    unsigned     depth;
    int          wrong;
} reference_t;


static void
reference_blank(reference_t *r)
{
    while (*r->p == ' ') {
        r->p++;
    }
}


static int  reference_pattern(reference_t *r);


static int
reference_operand(reference_t *r)
{
    int       value;
    char     *end;
    unsigned  n;

    reference_blank(r);

    if (*r->p == '(') {
        r->p++;
        if (++r->depth > 25) {
            r->wrong = 1;
            return 0;
        }
        value = reference_pattern(r);
        r->depth--;
        if (*r->p != ')') {
            r->wrong = 1;
            return 0;
        }
        r->p++;
        return value;
    }

    n = *r->p >= '1' && *r->p <= '9' ? (unsigned) strtoul(r->p, &end, 10) : 0;

    if (n == 0 || n > r->rows || (*end >= 'a' && *end <= 'z')) {
        r->wrong = 1;
        return 0;
    }

    r->p = end;
    r->used |= 1u << n;

    return r->truths >> n & 1;
}


static int
reference_pattern(reference_t *r)
{
    int  value, other, is_or;

    value = reference_operand(r);

    for ( ;; ) {
        reference_blank(r);

        if (r->wrong || *r->p == '\0' || *r->p == ')') {
            return value;
        }

        is_or = strncmp(r->p, "or", 2) == 0;

        if (!is_or && strncmp(r->p, "and", 3) != 0) {
            r->wrong = 1;
            return 0;
        }

        r->p += is_or ? 2 : 3;

        if ((*r->p >= 'a' && *r->p <= 'z') || (*r->p >= '0' && *r->p <= '9')) {
            r->wrong = 1;
            return 0;
        }

        other = reference_operand(r);
        value = is_or ? value || other : value && other;
    }
}


static int
eval_node(const crm_pattern_t *p, unsigned at, unsigned truths)
{
    int       value;
    unsigned  i;

    if (p->nodes[at].type == CRM_NODE_LEAF) {
        return truths >> p->nodes[at].row & 1;
    }

    value = p->nodes[at].type == CRM_NODE_AND;

    for (i = at + 1; i < p->nodes[at].next; i = p->nodes[i].next) {
        if (p->nodes[at].type == CRM_NODE_AND) {
            value = eval_node(p, i, truths) && value;
        } else {
            value = eval_node(p, i, truths) || value;
        }
    }

    return value;
}


/* A sentence of the grammar, or, one time in eight, one with a word too many,
 * too few, or out of place. */
static void
random_pattern(char *text, size_t room, unsigned rows, uint64_t *seed)
{
    size_t    i, n, open;
    unsigned  words;

    static const char *const  noise[] = {
        "and ", "or ", "( ", ") ", "xor ", "26 ", "0 ", "1", "an", " "
    };

    n = 0;
    open = 0;
    words = 1 + (unsigned) (crm_test_random(seed) % 12);

    for (i = 0; i < words && n + 64 < room; i++) {
        while (crm_test_random(seed) % 4 == 0 && open < 30) {
            n += (size_t) snprintf(text + n, room - n, "(");
            open++;
        }

        n += (size_t) snprintf(text + n, room - n, "%u",
                      i < rows ? (unsigned) i + 1
                      : 1 + (unsigned) (crm_test_random(seed) % rows));

        while (open && crm_test_random(seed) % 3 == 0) {
            n += (size_t) snprintf(text + n, room - n, ")");
            open--;
        }

        if (i + 1 < words) {
            n += (size_t) snprintf(text + n, room - n,
                          crm_test_random(seed) % 2 ? " and " : " or ");
        }

        if (crm_test_random(seed) % 64 == 0) {
            n += (size_t) snprintf(text + n, room - n, "%s",
                                   noise[crm_test_random(seed) % 10]);
        }
    }

    while (open-- > 0 && n + 2 < room) {
        n += (size_t) snprintf(text + n, room - n, ")");
    }
}


static void
random_patterns_mean_what_the_reference_says(void **state)
{
    char            text[1024];
    long            i, n, right;
    uint64_t        seed;
    unsigned        rows, k;
    crm_pool_t     *pool;
    crm_error_t     err;
    reference_t     r;
    crm_status_t    rc;
    crm_pattern_t   p;

    (void) state;

    n = crm_test_rounds(2000);
    right = 0;
    seed = 4;

    for (i = 0; i < n; i++) {
        pool = crm_test_pool();
        rows = 1 + (unsigned) (crm_test_random(&seed) % 6);
        random_pattern(text, sizeof(text), rows, &seed);

        rc = crm_pattern_parse(&p, crm_strz(text), rows, pool, &err);

        for (k = 0; k < 8; k++) {
            memset(&r, 0, sizeof(reference_t));
            r.p = text;
            r.rows = rows;
            r.truths = (unsigned) (crm_test_random(&seed) << 1);

            int  value = reference_pattern(&r);

            r.wrong = r.wrong || *r.p != '\0'
                      || r.used != (1u << (rows + 1)) - 2;

            assert_row((rc == CRM_OK) == !r.wrong, text);

            if (rc == CRM_OK) {
                assert_row(eval_node(&p, 0, r.truths) == value, text);
                right++;
            }
        }

        crm_pool_destroy(pool);
    }

    assert_true(right > n);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(patterns_are_read_from_left_to_right),
    cmocka_unit_test(what_the_grammar_has_not_is_wrong_at_its_byte),
    cmocka_unit_test(random_patterns_mean_what_the_reference_says),
};

CRM_TEST_MAIN(tests)

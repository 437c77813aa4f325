/*
 * Plain bytes are passed and copied many at a time. It would fail by missing
 * one that is not plain at some place within a step, by taking a plain one for
 * such, or by reading or writing behind the end: each text lies at the very
 * end of its memory, and begins at every place of a word.
 */

#include "crm_test.h"

#include "base/crm_plain.h"


#define LONGEST  70
#define PLACES   16


/* What plain means, once more and in other words. */
static int
is_plain(unsigned byte, int ascii)
{
    return strchr("\"\\", (int) byte) == NULL && byte / 32 > 0
           && (byte < 128 || !ascii);
}


/* Memory that ends where the text does. */
static char *
text_at(size_t place, size_t len)
{
    char  *text;

    text = malloc(place + len + 1);
    assert_non_null(text);
    memset(text, 'x', place + len + 1);

    return text;
}


static void
a_byte_that_is_not_plain_is_found_wherever_it_stands(void **state)
{
    int       ascii;
    char     *memory, *text;
    size_t    len, at;
    unsigned  byte;

    (void) state;

    for (len = 1; len < LONGEST; len++) {
        memory = text_at(len % PLACES, len - 1);
        text = memory + len % PLACES;

        for (at = 0; at < len; at++) {
            for (byte = 0; byte < 256; byte++) {
                text[at] = (char) byte;

                for (ascii = 0; ascii < 2; ascii++) {
                    assert_ptr_equal(crm_plain_pass(text, text + len, ascii),
                                     text + (is_plain(byte, ascii) ? len
                                                                   : at));
                }
            }

            text[at] = 'x';
        }

        free(memory);
    }
}


static void
the_first_of_two_is_found(void **state)
{
    char    text[LONGEST];
    size_t  a, b;

    (void) state;

    for (a = 0; a < LONGEST; a++) {
        for (b = 0; b < a; b++) {
            memset(text, '!', LONGEST);
            text[a] = '"';
            text[b] = '\x1f';
            assert_ptr_equal(crm_plain_pass(text, text + LONGEST, 0),
                             text + b);
            assert_ptr_equal(crm_plain_pass(text, text + LONGEST, 1),
                             text + b);
        }
    }
}


static void
nothing_is_passed_where_nothing_is(void **state)
{
    const char  *text;

    (void) state;

    text = "x";
    assert_ptr_equal(crm_plain_pass(text, text, 0), text);
    assert_ptr_equal(crm_plain_pass(text, text, 1), text);
}


static void
what_is_plain_is_copied_and_nothing_around_it(void **state)
{
    char    *memory, *from, *to, *copy;
    size_t   len, place, i;

    (void) state;

    for (place = 0; place < PLACES; place++) {
        for (len = 0; len < LONGEST; len++) {
            memory = text_at(place, len ? len - 1 : 0);
            from = memory + place;

            for (i = 0; i < len; i++) {
                from[i] = (char) (i % 3 ? 'a' + (int) (i % 26) : 0xc3);
            }

            copy = text_at(PLACES, len);
            to = copy + PLACES - place;

            assert_int_equal(crm_plain_copy(to, crm_str(from, len)), 1);
            assert_memory_equal(to, from, len);

            for (i = 0; i < (size_t) (to - copy); i++) {
                assert_int_equal(copy[i], 'x');
            }

            assert_int_equal(to[len], 'x');

            free(copy);
            free(memory);
        }
    }
}


static void
what_is_not_plain_is_not_copied(void **state)
{
    char     *memory, to[LONGEST];
    size_t    len, at;
    unsigned  byte;

    (void) state;

    for (len = 1; len < LONGEST; len++) {
        memory = text_at(0, len - 1);

        for (at = 0; at < len; at++) {
            for (byte = 0; byte < 256; byte++) {
                memory[at] = (char) byte;
                assert_int_equal(crm_plain_copy(to, crm_str(memory, len)),
                                 is_plain(byte, 0));
                assert_int_equal(crm_plain_whole(crm_str(memory, len)),
                                 is_plain(byte, 1));
            }

            memory[at] = 'x';
        }

        free(memory);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_byte_that_is_not_plain_is_found_wherever_it_stands),
        cmocka_unit_test(the_first_of_two_is_found),
        cmocka_unit_test(nothing_is_passed_where_nothing_is),
        cmocka_unit_test(what_is_plain_is_copied_and_nothing_around_it),
        cmocka_unit_test(what_is_not_plain_is_not_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

"""Passwords that are tried first, folded (no case, no accents): a short list of our own, Spanish and English.

Compared whole and without the digits and signs at their ends, so `Contraseña2026!` is caught by `contrasena`.
"""

COMMON = frozenset(
    """
    contrasena contrasenas contrasenia contrasenasegura micontrasena nuevacontrasena clavesecreta claveclave miclave
    clavenueva cambiameya cambiame cambiarclave bienvenido bienvenida bienvenidos administrador administradora
    password passwordpassword mypassword newpassword letmein welcome welcomehome changeme changemenow iloveyou
    iloveyoubaby trustno1trustno1 administrator superman superadmin supersecret sunshine princess football baseball
    basketball monkeymonkey dragondragon starwars whatever computer internet michelle jennifer qwertyuiop asdfghjkl
    zxcvbnm qwertyasdfgh 1q2w3e4r5t6y qazwsxedcrfv 1qaz2wsx3edc zaq12wsxcde3 passw0rd p4ssw0rd p@ssw0rd p@ssword
    primavera verano invierno otono septiembre diciembre noviembre febrero santiago santiagodechile valparaiso
    concepcion antofagasta vinadelmar chilechile vivachile vivachilemierda colocolo colocolo1925 universidaddechile
    universidadcatolica lauchile cobreloa cobresal fiestaspatrias dieciocho teamomucho teamoteamo tequieromucho
    amorcito amordemivida micorazon mifamilia mishijos mihija mihijo hospital hospitalpublico doctordoctor medicina
    medicinageneral medicomedico licenciamedica licencias licenciasmedicas enfermera enfermeria dentista matrona
    consultorio clinicaalemana hospitalclinico saludpublica superintendencia fonasafonasa estetoscopio
    correctohorsebatterystaple correcthorsebatterystaple correctocaballobateriagrapa
    """.split()  # noqa: SIM905 - a list of ninety strings is harder to read than words
)

SEQUENCES = (
    "0123456789" * 13,
    "9876543210" * 13,
    "abcdefghijklmnopqrstuvwxyz" * 5,
    "abcdefghijklmnnopqrstuvwxyz" * 5,
    "qwertyuiopasdfghjklzxcvbnm" * 5,
    "qwertyuiopasdfghjklnzxcvbnm" * 5,
    "1234567890qwertyuiopasdfghjklzxcvbnm" * 4,
    "qwertyuiop1234567890" * 7,
)
